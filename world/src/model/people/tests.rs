use super::*;

#[test]
fn a_web_client_waits_three_seconds_seven_times_and_then_ever_longer_up_to_five_minutes() {
    assert_eq!((0..=7).map(retry_ms).collect::<Vec<_>>(), [3_000; 8]);
    assert_eq!((retry_ms(8), retry_ms(9), retry_ms(10), retry_ms(5_000)), (192_000, 243_000, 300_000, 300_000));
}
