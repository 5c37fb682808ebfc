//! What a push service carries and cannot read: a message encrypted for one subscription of one
//! browser (RFC 8291), as one record of `aes128gcm` (RFC 8188).

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    agreement::{ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey, agree},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Bytes of a record, its tag and delimiter among them: what every push service takes in one body
/// (RFC 8291, section 4).
const RECORD_BYTES: u32 = 4096;
const TAG_BYTES: usize = 16;
/// Salt, record size, length of the key and the key (RFC 8188, section 2.1).
const HEADER_BYTES: usize = 16 + 4 + 1 + POINT_BYTES;
/// Bytes of a plaintext at most.
pub const PLAINTEXT_BYTES_MAX: usize = RECORD_BYTES as usize - HEADER_BYTES - TAG_BYTES - 1;

/// An uncompressed point of P-256 (X9.62).
pub const POINT_BYTES: usize = 65;
pub const AUTH_BYTES: usize = 16;
pub const SALT_BYTES: usize = 16;

/// What a browser gives away of its subscription: what is encrypted with these, only it can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Its public key, `p256dh`.
    pub public: [u8; POINT_BYTES],
    /// Its authentication secret, `auth`.
    pub auth: [u8; AUTH_BYTES],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    #[error("the key p256dh is not a point of P-256 in base64url")]
    Public,
    #[error("the secret auth is not 16 bytes in base64url")]
    Auth,
}

impl Keys {
    /// Reads both as browsers write them.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Self, KeysError> {
        let public = decode(p256dh).ok_or(KeysError::Public)?;
        let auth = decode(auth).ok_or(KeysError::Auth)?;
        Self::from_bytes(&public, &auth)
    }

    pub fn from_bytes(public: &[u8], auth: &[u8]) -> Result<Self, KeysError> {
        let public = public.try_into().map_err(|_| KeysError::Public)?;
        let auth = auth.try_into().map_err(|_| KeysError::Auth)?;
        let point = UnparsedPublicKey::new(&ECDH_P256, &public);
        ParsedPublicKey::try_from(&point).map_err(|_| KeysError::Public)?;
        Ok(Self { public, auth })
    }
}

/// Some browsers pad, which base64url does without.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncryptionError {
    #[error("a push message has at most {PLAINTEXT_BYTES_MAX} bytes")]
    TooLong,
    #[error("the keys do not agree")]
    Keys,
}

impl From<Unspecified> for EncryptionError {
    fn from(_: Unspecified) -> Self {
        Self::Keys
    }
}

/// The body to post. Salt and key pair are used once: again with another plaintext, they would
/// give both away.
pub fn encrypt(
    keys: &Keys,
    salt: [u8; SALT_BYTES],
    own: &PrivateKey,
    plaintext: &[u8],
) -> Result<Vec<u8>, EncryptionError> {
    if plaintext.len() > PLAINTEXT_BYTES_MAX {
        return Err(EncryptionError::TooLong);
    }
    let own_public = own.compute_public_key()?;
    let ikm = input_keying_material(keys, own, own_public.as_ref())?;
    let (key, nonce) = key_and_nonce(&salt, &ikm)?;

    let mut record = plaintext.to_vec();
    // The delimiter of the last record.
    record.push(2);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut record,
    )?;

    let mut body = Vec::with_capacity(HEADER_BYTES + record.len());
    body.extend_from_slice(&salt);
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(POINT_BYTES as u8);
    body.extend_from_slice(own_public.as_ref());
    body.extend_from_slice(&record);
    Ok(body)
}

/// RFC 8291, section 3.4.
fn input_keying_material(
    keys: &Keys,
    own: &PrivateKey,
    own_public: &[u8],
) -> Result<[u8; 32], Unspecified> {
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &keys.public);
    agree(own, theirs, Unspecified, |secret| {
        let prk = Salt::new(HKDF_SHA256, &keys.auth).extract(secret);
        let mut ikm = [0; 32];
        prk.expand(
            &[b"WebPush: info\0", &keys.public, own_public],
            Bytes(ikm.len()),
        )?
        .fill(&mut ikm)?;
        Ok(ikm)
    })
}

/// RFC 8188, sections 2.2 and 2.3, for the first record of one.
fn key_and_nonce(salt: &[u8], ikm: &[u8]) -> Result<([u8; 16], [u8; NONCE_LEN]), Unspecified> {
    let prk = Salt::new(HKDF_SHA256, salt).extract(ikm);
    let mut key = [0; 16];
    prk.expand(&[b"Content-Encoding: aes128gcm\0"], Bytes(key.len()))?
        .fill(&mut key)?;
    let mut nonce = [0; NONCE_LEN];
    prk.expand(&[b"Content-Encoding: nonce\0"], Bytes(nonce.len()))?
        .fill(&mut nonce)?;
    Ok((key, nonce))
}

/// So many bytes of keying material.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8291, appendix A, and section 5 for the body.
    mod appendix_a {
        pub(super) const PLAINTEXT: &str =
            "V2hlbiBJIGdyb3cgdXAsIEkgd2FudCB0byBiZSBhIHdhdGVybWVsb24";
        pub(super) const AS_PUBLIC: &str = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        pub(super) const AS_PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
        pub(super) const UA_PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        pub(super) const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
        pub(super) const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
        pub(super) const IKM: &str = "S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg";
        pub(super) const KEY: &str = "oIhVW04MRdy2XN9CiKLxTg";
        pub(super) const NONCE: &str = "4h_95klXJ5E_qnoN";
        pub(super) const BODY: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    }

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    fn private(text: &str) -> PrivateKey {
        PrivateKey::from_private_key(&ECDH_P256, &bytes(text)).unwrap()
    }

    fn keys() -> Keys {
        Keys::parse(appendix_a::UA_PUBLIC, appendix_a::AUTH).unwrap()
    }

    fn salt() -> [u8; SALT_BYTES] {
        bytes(appendix_a::SALT).try_into().unwrap()
    }

    #[test]
    fn every_value_of_appendix_a_comes_out() {
        let own = private(appendix_a::AS_PRIVATE);
        let own_public = own.compute_public_key().unwrap();
        assert_eq!(own_public.as_ref(), bytes(appendix_a::AS_PUBLIC));
        let ikm = input_keying_material(&keys(), &own, own_public.as_ref()).unwrap();
        assert_eq!(ikm.to_vec(), bytes(appendix_a::IKM));
        let (key, nonce) = key_and_nonce(&salt(), &ikm).unwrap();
        assert_eq!(key.to_vec(), bytes(appendix_a::KEY));
        assert_eq!(nonce.to_vec(), bytes(appendix_a::NONCE));
        let body = encrypt(&keys(), salt(), &own, &bytes(appendix_a::PLAINTEXT)).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(body), appendix_a::BODY);
    }

    #[test]
    fn a_body_has_at_most_one_record() {
        let own = private(appendix_a::AS_PRIVATE);
        let longest = vec![b'x'; PLAINTEXT_BYTES_MAX];
        let body = encrypt(&keys(), salt(), &own, &longest).unwrap();
        assert_eq!(body.len(), RECORD_BYTES as usize);
        let longer = vec![b'x'; PLAINTEXT_BYTES_MAX + 1];
        assert_eq!(
            encrypt(&keys(), salt(), &own, &longer),
            Err(EncryptionError::TooLong)
        );
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let parse = |public: &str, auth: &str| Keys::parse(public, auth).unwrap_err();
        let off_the_curve = appendix_a::UA_PUBLIC.replace("VV-J", "VV-K");
        for public in [
            "",
            "AAAA",
            "not base64",
            &off_the_curve,
            &appendix_a::UA_PUBLIC[..44],
        ] {
            assert_eq!(
                parse(public, appendix_a::AUTH),
                KeysError::Public,
                "{public}"
            );
        }
        for auth in ["", "AAAA", "***", appendix_a::IKM] {
            assert_eq!(
                parse(appendix_a::UA_PUBLIC, auth),
                KeysError::Auth,
                "{auth}"
            );
        }
        let padded = format!("{}==", appendix_a::AUTH);
        assert_eq!(Keys::parse(appendix_a::UA_PUBLIC, &padded), Ok(keys()));
    }
}
