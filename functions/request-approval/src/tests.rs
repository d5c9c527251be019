use mmdr_cases::Nobody;

use crate::RequestApproval;

#[test]
fn request_approval_decides_each_case_as_its_folder_says() {
    mmdr_cases::check::<RequestApproval<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}
