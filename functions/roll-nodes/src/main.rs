//! `roll-nodes` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), mmdr_lambda::Error> {
    mmdr_lambda::run("roll-nodes", roll_nodes::serve::<mmdr_lambda::Aws>).await
}
