//! The built web client, embedded. How long a browser may keep a file and under which headers it
//! goes out is the server's business; what a file is, is told here.

use std::borrow::Cow;

use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/dist"]
struct Files;

/// A file of the client, ready to be sent.
#[derive(Debug, Clone)]
pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    /// For `Content-Type`.
    pub content_type: String,
    /// For `Content-Encoding`; none when the bytes are the file itself.
    pub encoding: Option<&'static str>,
    /// For `ETag`, with its quotes.
    pub etag: String,
    /// The name changes with the content, so a browser may keep it for good.
    pub immutable: bool,
}

/// The file of that path, such as `index.html`, without a slash in front.
pub fn get(path: &str) -> Option<Asset> {
    asset(path, None)
}

/// The same file, compressed if the client said it takes that (`Accept-Encoding`) and it helps.
pub fn get_encoded(path: &str, accept_encoding: &str) -> Option<Asset> {
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(accept_encoding, encoding))
        .find_map(|(encoding, end)| asset(path, Some((encoding, end))))
        .or_else(|| get(path))
}

/// The scripts within the first page, which a content security policy has to allow one by one.
pub fn inline_scripts() -> Vec<String> {
    let page = Files::get("index.html")
        .map(|file| file.data)
        .unwrap_or_default();
    let page = String::from_utf8_lossy(&page);
    page.split("<script>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</script>"))
        .map(|(script, _)| script.to_owned())
        .collect()
}

/// The path of the script that draws what only people who are signed in see; none in a page that
/// only says how to build the client. The page itself asks for it when it knows who is there, which
/// is late.
pub fn signed_in_script() -> Option<String> {
    Files::iter()
        .find(|path| path.starts_with("assets/shell-") && path.ends_with(".js"))
        .map(|path| format!("/{path}"))
}

fn asset(path: &str, variant: Option<(&'static str, &str)>) -> Option<Asset> {
    // The compressed neighbours are not pages of their own.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let plain = Files::get(path)?;
    let content_type = content_type(&plain);
    let (encoding, file) = match variant {
        None => (None, plain),
        Some((encoding, end)) => (Some(encoding), Files::get(&format!("{path}.{end}"))?),
    };
    Some(Asset {
        content_type,
        encoding,
        etag: etag(&file),
        immutable: path.starts_with("assets/"),
        bytes: file.data,
    })
}

/// Text goes out as UTF-8, which is what it is.
fn content_type(file: &EmbeddedFile) -> String {
    let name = file.metadata.mimetype();
    if name.starts_with("text/") || name.ends_with("json") || name.ends_with("javascript") {
        format!("{name}; charset=utf-8")
    } else {
        name.to_owned()
    }
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let text: String = hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{text}\"")
}

/// Whether that encoding is named in the header, and not with a weight of zero.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(encoding))
            && !parts.any(|weight| {
                weight
                    .strip_prefix("q=")
                    .is_some_and(|q| q.parse() == Ok(0.0))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_first_page() {
        let page = get("index.html").expect("every profile embeds one");
        assert_eq!(page.content_type, "text/html; charset=utf-8");
        assert_eq!(page.encoding, None);
        assert!(!page.immutable);
        assert!(page.etag.len() == 34 && page.etag.starts_with('"') && page.etag.ends_with('"'));
    }

    #[test]
    fn a_client_that_takes_no_encoding_gets_the_file_itself() {
        for header in ["", "identity", "br;q=0", "gzip; q=0.0, zstd"] {
            let page = get_encoded("index.html", header).expect("it exists");
            assert_eq!(page.encoding, None, "{header:?}");
        }
    }

    #[test]
    fn encodings_are_found_in_the_header_whatever_its_spelling() {
        for header in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, BR ; q=1.0"] {
            assert!(accepts(header, "br"), "{header:?}");
        }
        for header in ["", "gzip", "br;q=0", "br; q=0.000", "brotli"] {
            assert!(!accepts(header, "br"), "{header:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_none() {
        for path in [
            "nothing.js",
            "",
            "../Cargo.toml",
            "/index.html",
            "index.html.br",
        ] {
            assert!(get(path).is_none(), "{path:?}");
            assert!(get_encoded(path, "br, gzip").is_none(), "{path:?}");
        }
    }
}
