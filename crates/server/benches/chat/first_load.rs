//! What a browser loads before anybody calls: the page, and every script and style it names. Vite
//! lists there all that is imported at once; what is imported when it is wanted, it does not.

/// A file as it goes over the wire to a browser that takes gzip.
pub(super) struct File {
    pub(super) path: String,
    pub(super) bytes: usize,
    /// A font is shown in the list and not counted: text is readable without it.
    pub(super) is_font: bool,
}

/// Empty when this binary was built with a stub instead of the client.
pub(super) fn files() -> Vec<File> {
    let Some(page) = web::get("index.html") else {
        return Vec::new();
    };
    let page = String::from_utf8_lossy(&page.bytes);
    let mut paths: Vec<&str> = page
        .split('"')
        .skip(1)
        .step_by(2)
        .filter_map(|value| value.strip_prefix('/'))
        .filter(|path| {
            [".js", ".css", ".woff2"]
                .iter()
                .any(|end| path.ends_with(end))
        })
        .collect();
    paths.sort_unstable();
    paths.dedup();
    if paths.is_empty() {
        return Vec::new();
    }
    paths.push("index.html");
    let mut files: Vec<File> = paths
        .into_iter()
        .map(|path| File {
            bytes: web::get_encoded(path, "gzip")
                .expect("the page names what there is")
                .bytes
                .len(),
            is_font: path.ends_with(".woff2"),
            path: path.to_owned(),
        })
        .collect();
    files.sort_by_key(|file| (file.is_font, std::cmp::Reverse(file.bytes)));
    files
}
