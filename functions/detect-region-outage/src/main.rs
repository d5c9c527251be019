//! `detect-region-outage` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("detect-region-outage", detect_region_outage::serve::<mmdr_lambda::Aws>).await
}
