//! `switch-database` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("switch-database", switch_database::serve::<mmdr_lambda::Aws>).await
}
