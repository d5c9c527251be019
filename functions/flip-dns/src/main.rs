//! `flip-dns` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("flip-dns", flip_dns::serve::<mmdr_lambda::Aws>).await
}
