//! Bad input: one sentence with the field, what was expected and what was found; exit code 2, and nothing asked of AWS.

use crate::scene::{DOCUMENT, Scene};

#[test]
fn bad_input_is_answered_with_a_sentence_and_asks_nothing_of_aws() {
    let long = "x".repeat(501);
    let table: &[(&[&str], &str)] = &[
        (&["failover", "--reason", "x"], "--to <REGION>"),
        (
            &["failover", "--to", "eu-west-1", "--reason", "x"],
            "--to: expected us-west-1 or us-east-1, found \"eu-west-1\"",
        ),
        (
            &["failover", "--to", "us-east-1"],
            "reason: expected why a person starts a failover, in a few words, found nothing",
        ),
        (&["switchover", "--to", "us-east-1", "--reason", &long], "reason: expected at most 500 characters, found 501"),
        (&["failover", "--to", "us-east-1", "--reason", "x", "--accept", "everything"], "found \"everything\""),
        (&["switchover", "--to", "us-east-1", "--reason", "x", "--accept", "finish"], "finish only with kind failover"),
        (&["failover", "--to", "us-east-1", "--reason", "x", "--run", "a run"], "--run: expected 1 to 80 of"),
        (&["protect", "--to", "nowhere"], "--to: expected us-west-1 or us-east-1, found \"nowhere\""),
        (&["approve", "fo-1"], "--reason <TEXT>"),
        (&["approve", "fo-1", "--reason", " "], "reason: expected why, in a few words"),
        (&["approve", "a/b", "--reason", "x"], "RUN: expected 1 to 80 of A-Z, a-z, 0-9, - and _, found \"a/b\""),
        (&["deny", "a b", "--reason", "x"], "RUN: expected 1 to 80 of A-Z, a-z, 0-9, - and _, found \"a b\""),
        (&["follow", "a:b"], "RUN: expected 1 to 80 of A-Z, a-z, 0-9, - and _, found \"a:b\""),
        (&["report", "../fo-1"], "RUN: expected 1 to 80 of A-Z, a-z, 0-9, - and _, found \"../fo-1\""),
        (&["resume", "", "--reason", "x"], "RUN: expected 1 to 80 of A-Z, a-z, 0-9, - and _, found \"\""),
        (&["resume", "fo-1", "--reason", "x", "--run", "a run"], "--run: expected 1 to 80 of"),
        (
            &["approve", "fo-1", "--reason", "x", "--digest", "0123"],
            "--digest: expected 16 of 0-9 and a-f, as the notice shows them, found \"0123\"",
        ),
        (&["check", "--to", "mars"], "--to: expected"),
        (&["runs", "--last", "0"], "'0' for '--last <NUMBER>'"),
        (&["report", "fo-1", "--html", "--json"], "cannot be used with"),
        (&["status", "--name", "globex"], "--name: expected \"acme-chat\""),
        (&["swichover", "--to", "us-east-1"], "switchover"),
    ];
    for (index, (arguments, sentence)) in table.iter().enumerate() {
        let scene = Scene::new(&format!("bad-{index}"));
        let said = scene.mmdr(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}: {said:?}");
        assert!(said.err.contains(sentence), "{arguments:?}: expected {sentence:?} in {:?}", said.err);
        assert!(scene.asked().is_empty(), "{arguments:?} asked {:?}", scene.asked());
    }
}

#[test]
fn where_no_deployment_is_named_the_option_is_said_that_names_one() {
    let scene = Scene::new("bad-nobody");
    let table: &[(&[&str], &str)] = &[
        (&["status"], "--region: expected a Region (or AWS_REGION, or --deployment FILE), found nothing"),
        (&["status", "--region", "us-east-1"], "--name: expected the Deployment's name"),
        (
            &["status", "--region", "us-east-1", "--name", "acme-chat", "--document", "x"],
            "--document: expected ssm:/NAME or s3://BUCKET/KEY, found \"x\"",
        ),
        (
            &["status", "--region", "US East", "--name", "acme-chat"],
            "--region: expected an AWS Region such as us-east-1, found \"US East\"",
        ),
        (
            &["status", "--region", "us-east-1", "--name", "Acme"],
            "--name: expected 2 to 32 lower-case letters, digits and hyphens, first a letter, last no hyphen, found \"Acme\"",
        ),
        (&["report", "a run", "--region", "us-east-1", "--name", "acme-chat"], "RUN: expected 1 to 80 of"),
        (&["protect", "--run", "a run", "--region", "us-east-1", "--name", "acme-chat"], "--run: expected 1 to 80 of"),
        (
            &["status", "--deployment", "nowhere.toml"],
            "--deployment: expected a readable text file, found nowhere.toml",
        ),
        (&["config", "push", "nowhere.toml"], "FILE: expected a readable text file"),
        (&["node", "start"], "--epoch <NUMBER>"),
        (&["node", "start", "--epoch", "seven"], "'seven' for '--epoch <NUMBER>'"),
        (&["node", "start", "--epoch", "7"], "MMDR_DEPLOYMENT: expected the Deployment's name"),
        (&["node", "report", "--every", "1"], "'1' for '--every <SECONDS>'"),
    ];
    for (arguments, sentence) in table {
        let said = scene.plain(arguments, &[]);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert!(said.err.contains(sentence), "{arguments:?}: expected {sentence:?} in {:?}", said.err);
    }
    assert!(scene.asked().is_empty());
}

#[test]
fn a_variable_that_does_not_fit_is_named_as_the_variable_that_it_is() {
    let scene = Scene::new("bad-variable");
    let table = [
        ("US East", "acme-chat", "AWS_REGION: expected an AWS Region such as us-east-1, found"),
        ("us-east-1", "Acme", "MMDR_DEPLOYMENT: expected 2 to 32 lower-case letters, digits and hyphens"),
    ];
    for (region, name, sentence) in table {
        let said = scene.plain(&["status"], &[("AWS_REGION", region), ("MMDR_DEPLOYMENT", name)]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains(sentence), "{said:?}");
    }
    assert!(scene.asked().is_empty());
}

#[test]
fn without_credentials_nothing_is_asked_and_that_is_said() {
    let scene = Scene::new("no-credentials");
    let nobody = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    let said = scene.plain(&["status", "--deployment", "deployment.toml"], &nobody);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.contains("AWS credentials: expected some, found none"), "{said:?}");
    let wrong = ["failover", "--to", "us-east-1", "--deployment", "deployment.toml"];
    assert_eq!(scene.plain(&wrong, &nobody).code, 2, "input that does not fit is said first");
    assert!(scene.asked().is_empty());
}

#[test]
fn a_document_that_functions_would_refuse_is_not_pushed() {
    let scene = Scene::new("bad-document");
    std::fs::write(scene.folder.join("bad.toml"), DOCUMENT.replace("ttl_s = 60", "ttl_s = 600")).unwrap();
    let said = scene.plain(&["config", "push", "bad.toml", "--yes"], &[]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("dns.ttl_s: expected 1 to 60, found 600"), "{said:?}");
    assert!(scene.asked().is_empty());
}
