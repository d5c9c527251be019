//! `keep-fenced` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("keep-fenced", keep_fenced::serve::<mmdr_lambda::Aws>).await
}
