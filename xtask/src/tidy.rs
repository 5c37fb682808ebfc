//! Which crate uses which: the arrows of `docs/ARCHITECTURE.md`, held against `cargo metadata`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::Value;

use crate::{Failure, project, project::Project};

/// Every crate of the workspace and the crates it may use.
const ARROWS: [(&str, &[&str]); 10] = [
    ("protocol", &[]),
    ("domain", &["protocol"]),
    ("sfu", &["protocol"]),
    ("turn", &[]),
    ("store", &["domain", "protocol"]),
    ("cluster", &["protocol"]),
    (
        "server",
        &[
            "cluster", "domain", "protocol", "sfu", "store", "turn", "web",
        ],
    ),
    ("sim", &["domain", "protocol", "sfu", "turn"]),
    ("web", &[]),
    ("xtask", &[]),
];

/// State machines: time and bytes come to them as arguments, so they have nothing to wait for.
const PURE: [&str; 4] = ["protocol", "domain", "sfu", "turn"];
const RUNTIMES: [&str; 6] = [
    "tokio",
    "async-std",
    "smol",
    "async-io",
    "futures-executor",
    "mio",
];

pub(crate) fn run(project: &Project) -> Result<(), Failure> {
    let faults = check(&project.root)?;
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() {
        println!("The arrows between the crates are as they should be.");
        Ok(())
    } else {
        Err(Failure::Told)
    }
}

fn check(root: &Path) -> Result<Vec<String>, String> {
    Ok(faults(&project::metadata(root, &[])?))
}

/// What is wrong, a sentence each.
fn faults(metadata: &Value) -> Vec<String> {
    let graph = Graph::of(metadata);
    let mut faults = Vec::new();
    for (name, id) in &graph.members {
        let Some((_, allowed)) = ARROWS.iter().find(|(member, _)| member == name) else {
            faults.push(format!(
                "crate {name} is not in the table of xtask/src/tidy.rs"
            ));
            continue;
        };
        let used = graph.uses.get(id).into_iter().flatten();
        for other in used.filter_map(|edge| graph.member_named(edge.to)) {
            if other != *name && !allowed.contains(&other) {
                faults.push(format!("{name} must not use {other}"));
            }
        }
        if PURE.contains(name) {
            for runtime in graph.all_below(id).intersection(&BTreeSet::from(RUNTIMES)) {
                faults.push(format!(
                    "{name} must not depend on {runtime}, not even through others"
                ));
            }
        }
    }
    faults
}

struct Graph<'a> {
    /// Crates of the workspace: name and id.
    members: Vec<(&'a str, &'a str)>,
    names: BTreeMap<&'a str, &'a str>,
    uses: BTreeMap<&'a str, Vec<Edge<'a>>>,
}

struct Edge<'a> {
    to: &'a str,
    /// Part of what is built, not only of its tests or its build script.
    normal: bool,
}

impl<'a> Graph<'a> {
    fn of(metadata: &'a Value) -> Self {
        let list = |value: &'a Value| value.as_array().map_or(&[] as &[Value], Vec::as_slice);
        let names: BTreeMap<&str, &str> = list(&metadata["packages"])
            .iter()
            .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
            .collect();
        let members = list(&metadata["workspace_members"])
            .iter()
            .filter_map(|id| Some((*names.get(id.as_str()?)?, id.as_str()?)))
            .collect();
        let edge = |dependency: &'a Value| {
            Some(Edge {
                to: dependency["pkg"].as_str()?,
                normal: list(&dependency["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"].is_null()),
            })
        };
        let uses = list(&metadata["resolve"]["nodes"])
            .iter()
            .filter_map(|node| {
                let edges = list(&node["deps"]).iter().filter_map(edge).collect();
                Some((node["id"].as_str()?, edges))
            })
            .collect();
        Self {
            members,
            names,
            uses,
        }
    }

    fn member_named(&self, id: &str) -> Option<&'a str> {
        self.members
            .iter()
            .find(|(_, member)| *member == id)
            .map(|(name, _)| *name)
    }

    /// Names of everything that is built into that crate.
    fn all_below(&self, id: &'a str) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::from([id]);
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            for edge in self.uses.get(id).into_iter().flatten() {
                if edge.normal && seen.insert(edge.to) {
                    left.push(edge.to);
                }
            }
        }
        seen.iter()
            .filter_map(|id| self.names.get(id).copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_arrows_between_the_crates_point_one_way() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(check(root).unwrap(), Vec::<String>::new());
    }

    /// A workspace of those crates, and who uses whom.
    fn workspace(members: &[&str], uses: &[(&str, &[&str])]) -> Value {
        let others = uses.iter().flat_map(|(_, used)| used.iter().copied());
        let all: BTreeSet<&str> = members.iter().copied().chain(others).collect();
        let edges = |name: &str| {
            let used = uses.iter().filter(|(user, _)| *user == name);
            used.flat_map(|(_, used)| used.iter())
                .map(|to| json!({"pkg": to, "dep_kinds": [{"kind": null}]}))
                .collect::<Vec<_>>()
        };
        let all: Vec<&str> = all.into_iter().collect();
        json!({
            "packages": all.iter().map(|name| json!({"id": name, "name": name})).collect::<Vec<_>>(),
            "workspace_members": members,
            "resolve": {"nodes": all.iter().map(|name| json!({"id": name, "deps": edges(name)})).collect::<Vec<_>>()},
        })
    }

    #[test]
    fn an_arrow_the_wrong_way_is_a_fault() {
        let workspace = workspace(&["domain", "store"], &[("domain", &["store"])]);
        assert_eq!(faults(&workspace), ["domain must not use store"]);
    }

    #[test]
    fn a_runtime_behind_another_library_is_a_fault_in_a_pure_crate_only() {
        let uses: [(&str, &[&str]); 3] =
            [("sfu", &["rtc"]), ("store", &["rtc"]), ("rtc", &["tokio"])];
        assert_eq!(
            faults(&workspace(&["sfu", "store"], &uses)),
            ["sfu must not depend on tokio, not even through others"]
        );
    }

    #[test]
    fn a_new_crate_needs_its_line_in_the_table() {
        assert_eq!(
            faults(&workspace(&["extra"], &[])),
            ["crate extra is not in the table of xtask/src/tidy.rs"]
        );
    }
}
