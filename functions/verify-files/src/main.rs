//! `verify-files` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("verify-files", verify_files::serve::<mmdr_lambda::Aws>).await
}
