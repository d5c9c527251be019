//! Where the document comes from, and where it is stored.

use crate::scene::{DOCUMENT, EAST, Scene, WEST};

const NAME: &str = "/mmdr/acme-chat/deployment";

#[test]
fn without_a_file_the_document_is_the_one_that_the_functions_read() {
    let scene = Scene::new("document-of-a-region");
    scene.parameter(EAST, NAME, DOCUMENT);
    let said = scene.plain(&["status", "--region", EAST, "--name", "acme-chat"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = scene.plain(&["status"], &[("AWS_REGION", EAST), ("MMDR_DEPLOYMENT", "acme-chat")]);
    assert_eq!(said.code, 0, "{said:?}");
    scene.held.lock().unwrap().objects.insert((WEST.into(), "deployment.toml".into()), DOCUMENT.into());
    let place = ("MMDR_DOCUMENT", "s3://acme-mmdr-ledger-us-west-1/deployment.toml");
    let said = scene.plain(&["status"], &[("AWS_REGION", WEST), ("MMDR_DEPLOYMENT", "acme-chat"), place]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn where_the_named_region_is_silent_the_ways_around_it_are_said() {
    let scene = Scene::new("document-silent");
    let elsewhere = "; name the other Region with --region, or give the document with --deployment FILE";
    scene.held.lock().unwrap().refused.insert((EAST.into(), "GetParameter".into()));
    let said = scene.plain(&["status", "--region", EAST, "--name", "acme-chat"], &[]);
    assert!(said.code == 1 && !said.err.contains(elsewhere), "a Region that refuses is not silent: {said:?}");
    scene.silence(EAST);
    let said = scene.plain(&["status", "--region", EAST, "--name", "acme-chat"], &[]);
    assert_eq!(said.code, 1, "{said:?}");
    let sentence = format!("ssm:GetParameter in us-east-1: no answer in time{elsewhere}");
    assert!(said.err.contains(&sentence), "{said:?}");
}

#[test]
fn a_push_shows_what_would_differ_and_stores_nothing() {
    let scene = Scene::new("push-dry");
    scene.parameter(WEST, NAME, &DOCUMENT.replace("ask_again_s = 900", "ask_again_s = 600"));
    let said = scene.plain(&["config", "push", "deployment.toml"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("policy.ask_again_s: 600 becomes 900"), "{said:?}");
    assert!(
        said.out.contains("us-east-1, the parameter /mmdr/acme-chat/deployment:\n  nothing lies there yet"),
        "{said:?}"
    );
    assert!(said.out.ends_with("Nothing was stored: --yes stores it.\n") && scene.changes().is_empty(), "{said:?}");
}

#[test]
fn a_push_stores_in_every_region_that_reads_the_document_and_reads_back() {
    let scene = Scene::new("push");
    let document = DOCUMENT.replace("# third_region = \"us-east-2\"", "third_region = \"us-east-2\"");
    std::fs::write(scene.folder.join("deployment.toml"), &document).unwrap();
    let said = scene.plain(&["config", "push", "deployment.toml", "--yes"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    let held = scene.held.lock().unwrap();
    for region in [WEST, EAST, "us-east-2"] {
        assert_eq!(held.parameters.get(&(region.to_owned(), NAME.to_owned())), Some(&document), "{region}");
    }
    assert!(said.out.contains("Stored and read back: us-west-1"), "{said:?}");
}

#[test]
fn what_is_too_large_for_a_parameter_is_stored_in_the_ledgers_bucket() {
    let scene = Scene::new("push-large");
    let document = format!("{DOCUMENT}{}", "# more\n".repeat(1_200));
    std::fs::write(scene.folder.join("deployment.toml"), &document).unwrap();
    let said = scene.plain(&["config", "push", "deployment.toml", "--yes", "--json"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    let held = scene.held.lock().unwrap();
    for region in [WEST, EAST] {
        assert_eq!(held.objects.get(&(region.to_owned(), "deployment.toml".to_owned())), Some(&document), "{region}");
    }
    assert!(held.parameters.is_empty());
}

#[test]
fn a_region_that_refuses_is_named_with_the_version_that_stays_there() {
    let scene = Scene::new("push-refused");
    scene.parameter(EAST, NAME, DOCUMENT);
    let document = DOCUMENT.replace("ask_again_s = 900", "ask_again_s = 600");
    std::fs::write(scene.folder.join("deployment.toml"), document).unwrap();
    scene.held.lock().unwrap().refused.insert((EAST.into(), "PutParameter".into()));
    let said = scene.plain(&["config", "push", "deployment.toml", "--yes"], &[]);
    assert_eq!(said.code, 1, "{said:?}");
    let last = said.out.lines().last().unwrap();
    assert!(last.starts_with("The new document has us-west-1 (the parameter"), "{last}");
    assert!(
        last.contains("The one before stays with us-east-1") && last.contains("ssm:PutParameter in us-east-1"),
        "{last}"
    );
}
