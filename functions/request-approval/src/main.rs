//! `request-approval` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("request-approval", request_approval::serve::<mmdr_lambda::Aws>).await
}
