//! Who pushes: this server's key pair, and the token that says so to a push service (RFC 8292).

use std::{fmt, time::Duration};

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    encoding::{AsBigEndian, EcPrivateKeyBin},
    error::{KeyRejected, Unspecified},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::Timestamp;
use serde_json::json;

/// How long a token holds. A push service refuses one of more than 24 hours (RFC 8292, section 2),
/// by its own clock.
const TOKEN_LASTS: Duration = Duration::from_secs(12 * 60 * 60);
/// `{"typ":"JWT","alg":"ES256"}`.
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9";

#[derive(Debug, thiserror::Error)]
#[error("the key vapid_key is not a private key of P-256 in base64url")]
pub struct VapidKeyError;

impl From<KeyRejected> for VapidKeyError {
    fn from(_: KeyRejected) -> Self {
        Self
    }
}

impl From<Unspecified> for VapidKeyError {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// The key pair by which push services know this server. Browsers subscribe for its public half,
/// so a new pair would orphan every subscription.
pub struct Vapid {
    pair: EcdsaKeyPair,
    public: String,
    /// Whom a push service's operator writes to.
    contact: Option<String>,
}

impl fmt::Debug for Vapid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vapid")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// A new private key as it is kept.
pub fn fresh_key() -> String {
    let key = PrivateKey::generate(&ECDH_P256).expect("the library makes keys of P-256");
    let scalar: EcPrivateKeyBin<'_> = key
        .as_be_bytes()
        .expect("a key of P-256 has a private scalar");
    URL_SAFE_NO_PAD.encode(scalar.as_ref())
}

impl Vapid {
    /// `contact` is an address that begins with `https:` or `mailto:` (RFC 8292, section 2.1).
    pub fn new(key: &str, contact: Option<String>) -> Result<Self, VapidKeyError> {
        let scalar = URL_SAFE_NO_PAD.decode(key).map_err(|_| VapidKeyError)?;
        let public = PrivateKey::from_private_key(&ECDH_P256, &scalar)?.compute_public_key()?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &scalar,
            public.as_ref(),
        )?;
        Ok(Self {
            pair,
            public: URL_SAFE_NO_PAD.encode(public.as_ref()),
            contact,
        })
    }

    /// What browsers call `applicationServerKey`.
    pub fn public_key(&self) -> &str {
        &self.public
    }

    /// The `Authorization` of a push to the service at this origin.
    pub fn authorization(&self, origin: &str, now: Timestamp) -> String {
        let mut claims = json!({
            "aud": origin,
            "exp": (now + TOKEN_LASTS).as_millis() / 1000,
        });
        if let Some(contact) = &self.contact {
            claims["sub"] = contact.as_str().into();
        }
        let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("a key of P-256 signs");
        let signature = URL_SAFE_NO_PAD.encode(signature.as_ref());
        format!("vapid t={signed}.{signature}, k={}", self.public)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_999);

    fn decode(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// Header, claims and signature, after the signature has been checked.
    fn read(authorization: &str, vapid: &Vapid) -> (Value, Value) {
        let parameters = authorization.strip_prefix("vapid t=").unwrap();
        let (token, key) = parameters.split_once(", k=").unwrap();
        assert_eq!(key, vapid.public_key());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key))
            .verify(signed.as_bytes(), &decode(signature))
            .unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let json = |part| serde_json::from_slice(&decode(part)).unwrap();
        (json(header), json(claims))
    }

    #[test]
    fn a_token_says_for_whom_until_when_and_by_whom() {
        let contact = Some("https://connect.example.org".to_owned());
        let vapid = Vapid::new(&fresh_key(), contact).unwrap();
        let (header, claims) = read(
            &vapid.authorization("https://push.example.net", NOW),
            &vapid,
        );
        assert_eq!(header, json!({"typ": "JWT", "alg": "ES256"}));
        let expected = json!({
            "aud": "https://push.example.net",
            "exp": 1_700_043_200,
            "sub": "https://connect.example.org",
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn without_a_contact_there_is_no_subject() {
        let vapid = Vapid::new(&fresh_key(), None).unwrap();
        let (_, claims) = read(
            &vapid.authorization("https://push.example.net", NOW),
            &vapid,
        );
        assert_eq!(claims.get("sub"), None);
    }

    #[test]
    fn a_kept_key_has_one_public_half() {
        // The private key of RFC 8291, appendix A, and its public one.
        let vapid = Vapid::new("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", None).unwrap();
        assert_eq!(
            vapid.public_key(),
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
        );
        assert_ne!(fresh_key(), fresh_key());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "",
            "AAAA",
            "not base64",
            &URL_SAFE_NO_PAD.encode([0xff; 32]),
        ] {
            assert!(Vapid::new(text, None).is_err(), "{text}");
        }
    }
}
