//! `relay` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("relay", relay::serve).await
}
