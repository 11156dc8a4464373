//! What a client with permissions is told, and that nothing it sends takes them away.

use eddyline::{ClientId, Engine, Limits, Permissions};

const CLIENT: ClientId = ClientId(1);

fn engine(rules: &[&[u8]]) -> Engine {
    let mut engine = Engine::new(Limits::default());
    engine.permit(CLIENT, Permissions::parse(rules).expect("these are rules"));
    engine
}

fn told(engine: &mut Engine, requests: &str) -> String {
    let turn = engine.turn(0, CLIENT, requests.as_bytes());
    String::from_utf8(turn.reply).expect("replies to these are text")
}

#[test]
fn replies_stay_in_order() {
    let mut engine = engine(&[b"+@all", b"-xadd", b"~*"]);
    let reply = told(&mut engine, "PING\r\nXADD s * f v\r\nXLEN s\r\n");
    let refused = "-NOPERM User default has no permissions to run the 'xadd' command\r\n";
    assert_eq!(reply, format!("+PONG\r\n{refused}:0\r\n"));
}

#[test]
fn a_transaction_with_something_forbidden_is_discarded() {
    let mut engine = engine(&[b"+@all", b"~a:*"]);
    let reply = told(&mut engine, "MULTI\r\nSET a:1 x\r\nSET b y\r\nEXEC\r\nGET a:1\r\n");
    assert!(reply.contains("-NOPERM No permissions to access a key\r\n-EXECABORT "), "{reply}");
    assert!(reply.ends_with("$-1\r\n"), "{reply}");
}

#[test]
fn a_reset_gives_no_more_permissions() {
    let mut engine = engine(&[b"+@all", b"-set", b"~*"]);
    let _ = told(&mut engine, "CONFIG SET requirepass secret\r\n");
    for escape in ["RESET\r\n", "AUTH secret\r\n", "HELLO 2 AUTH default secret\r\n"] {
        let _ = told(&mut engine, escape);
        assert!(told(&mut engine, "SET k v\r\n").starts_with("-NOPERM "), "{escape}");
        assert_eq!(told(&mut engine, "XLEN k\r\n"), ":0\r\n", "{escape}");
    }
}
