//! `verify-backups` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("verify-backups", verify_backups::serve::<mmdr_lambda::Aws>).await
}
