use std::{env, fs, path::Path};

/// `UPDATE=1` writes the file instead of comparing it.
#[test]
fn the_generated_typescript_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/protocol/generated.ts");
    let module = protocol::typescript::module();
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("the path has a folder")).unwrap();
        fs::write(&path, &module).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == module,
        "web/src/protocol/generated.ts is stale: run `cargo xtask gen`"
    );
}
