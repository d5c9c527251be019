//! `probe-regions` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("probe-regions", probe_regions::serve::<mmdr_lambda::Aws>).await
}
