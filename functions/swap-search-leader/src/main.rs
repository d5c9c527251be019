//! `swap-search-leader` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("swap-search-leader", swap_search_leader::serve::<mmdr_lambda::Aws>).await
}
