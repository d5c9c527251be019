//! Names what is wrong from independent witnesses.
