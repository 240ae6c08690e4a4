use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};

use super::*;

fn first(offered: Option<&[u8]>, is_bound: bool) -> First<'_> {
    First {
        verifier: Verifier::of_password("pencil", [9; 16]),
        offered,
        is_bound,
    }
}

/// Lets the client of another library log in.
fn log_in(password: &str, binding: ChannelBinding, first: First<'_>) -> Result<(), Refusal> {
    let mut client = ScramSha256::new(password.as_bytes(), binding);
    let (exchange, answer) = first.answer(client.message())?;
    client.update(answer.as_bytes()).unwrap();
    let answer = exchange.answer(client.message())?;
    // The client believes that it talks to the server that knows its password.
    client.finish(answer.as_bytes()).unwrap();
    Ok(())
}

#[test]
fn the_example_of_rfc_7677() {
    let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let first = First {
        verifier: Verifier::of_password("pencil", salt.try_into().unwrap()),
        offered: None,
        is_bound: false,
    };
    let (exchange, answer) = first
        .answer_with(
            b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
            "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        )
        .unwrap();
    assert_eq!(
        answer,
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    );
    let answer = exchange.answer(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
          p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    );
    assert_eq!(
        answer.unwrap(),
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    );
}

#[test]
fn clients_log_in_with_and_without_binding() {
    let data = b"hash of a certificate".to_vec();
    let bound = || ChannelBinding::tls_server_end_point(data.clone());
    assert_eq!(
        log_in("pencil", ChannelBinding::unsupported(), first(None, false)),
        Ok(())
    );
    assert_eq!(
        log_in(
            "pencil",
            ChannelBinding::unsupported(),
            first(Some(&data), false)
        ),
        Ok(())
    );
    assert_eq!(log_in("pencil", bound(), first(Some(&data), true)), Ok(()));
    let wrong = log_in("Pencil", bound(), first(Some(&data), true));
    assert_eq!(wrong, Err(Refusal::WrongPassword));
}

#[test]
fn a_man_in_the_middle_is_noticed() {
    let (data, other) = (b"certificate".to_vec(), b"another one".to_vec());
    let bound = ChannelBinding::tls_server_end_point(other);
    assert_eq!(
        log_in("pencil", bound, first(Some(&data), true)),
        Err(Refusal::Binding)
    );
    // Somebody took the mechanism with binding out of the server's list.
    let stripped = ChannelBinding::unrequested();
    assert_eq!(
        log_in("pencil", stripped, first(Some(&data), false)),
        Err(Refusal::Binding)
    );
}

#[test]
fn malformed_first_messages_are_refused() {
    for message in [
        &b""[..],
        b"n",
        b"n,",
        b"n,,",
        b"n,,n=",
        b"n,,n=,r=",
        b"n,,n=,r=a b",
        b"n,a,n=,r=abc",
        b"n,,x=,r=abc",
        b"x,,n=,r=abc",
        b"p=,,n=,r=abc",
        b"p=tls-server-end-point,,n=,r=abc",
        b"n,,n=,r=\xff",
        b",,,,,,",
    ] {
        let refusal = first(None, false).answer(message).err();
        assert!(
            matches!(refusal, Some(Refusal::Malformed(_))),
            "{message:?}: {refusal:?}"
        );
    }
    for message in [&b"n,a=ann,n=,r=abc"[..], b"n,,m=x,n=,r=abc"] {
        let refusal = first(None, false).answer(message).err();
        assert!(
            matches!(refusal, Some(Refusal::Unsupported(_))),
            "{message:?}: {refusal:?}"
        );
    }
    let refusal = first(Some(b"x"), true)
        .answer(b"p=tls-unique,,n=,r=abc")
        .err();
    assert!(
        matches!(refusal, Some(Refusal::Unsupported(_))),
        "{refusal:?}"
    );
    let refusal = first(Some(b"x"), true).answer(b"n,,n=,r=abc").err();
    assert!(
        matches!(refusal, Some(Refusal::Malformed(_))),
        "{refusal:?}"
    );
}

#[test]
fn malformed_final_messages_are_refused() {
    let begun = || {
        first(None, false)
            .answer_with(b"n,,n=,r=abc", "def")
            .unwrap()
            .0
    };
    let proof = BASE64.encode([0; 32]);
    for message in [
        String::new(),
        "p=".into(),
        "c=biws,r=abcdef".into(),
        "c=biws,r=abcdef,p=".into(),
        "c=biws,r=abcdef,p=AAAA".into(),
        format!("c=*,r=abcdef,p={proof}"),
        format!("r=abcdef,c=biws,p={proof}"),
        format!("c=biws,r=abc,p={proof}"),
        format!("c=biws,r=abcdef,p={proof},p="),
    ] {
        let refusal = begun().answer(message.as_bytes()).err();
        assert!(
            matches!(refusal, Some(Refusal::Malformed(_))),
            "{message:?}: {refusal:?}"
        );
    }
    let other_channel = format!("c=eSws,r=abcdef,p={proof}");
    assert_eq!(
        begun().answer(other_channel.as_bytes()),
        Err(Refusal::Binding)
    );
    let wrong = format!("c=biws,r=abcdef,p={proof}");
    assert_eq!(
        begun().answer(wrong.as_bytes()),
        Err(Refusal::WrongPassword)
    );
}
