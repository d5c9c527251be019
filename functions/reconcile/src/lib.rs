//! Each minute: settles, resumes, asks again.
