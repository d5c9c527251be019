//! `close-run` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("close-run", close_run::serve::<mmdr_lambda::Aws>).await
}
