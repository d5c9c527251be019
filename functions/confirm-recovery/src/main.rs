//! `confirm-recovery` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("confirm-recovery", confirm_recovery::serve::<mmdr_lambda::Aws>).await
}
