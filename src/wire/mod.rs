//! RESP: requests in, replies out.

mod inline;
mod request;
mod response;

pub(crate) use request::{Request, RequestError, decode, is_line, put_request};
pub(crate) use response::{Protocol, begin_array, encode, entry_bytes};
