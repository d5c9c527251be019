//! `open-run` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("open-run", open_run::serve::<mmdr_lambda::Aws>).await
}
