//! `check-readiness` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("check-readiness", check_readiness::serve::<mmdr_lambda::Aws>).await
}
