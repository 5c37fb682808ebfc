//! How many tests passed and failed, read from what test programs write.

use std::ops::AddAssign;

use serde_json::Value;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Not run, by the test's own word.
    pub(crate) ignored: u64,
}

impl Counts {
    pub(crate) const ONE_FAILED: Self = Self {
        passed: 0,
        failed: 1,
        ignored: 0,
    };
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// Rust's test programs: the sum of their `test result:` lines, none when there is no such line.
pub(crate) fn of_cargo(output: &str) -> Option<Counts> {
    let mut counts = None;
    for line in output.lines() {
        let Some(result) = line.strip_prefix("test result: ") else {
            continue;
        };
        let number = |word: &str| {
            result
                .split(['.', ';'])
                .filter_map(|part| part.trim().split_once(' '))
                .find(|(_, name)| *name == word)
                .and_then(|(number, _)| number.parse().ok())
        };
        let (Some(passed), Some(failed)) = (number("passed"), number("failed")) else {
            continue;
        };
        *counts.get_or_insert_default() += Counts {
            passed,
            failed,
            ignored: number("ignored").unwrap_or(0),
        };
    }
    counts
}

/// Vitest's JSON report.
pub(crate) fn of_vitest(report: &Value) -> Option<Counts> {
    let number = |key: &str| report[key].as_u64();
    let mut counts = Counts {
        passed: number("numPassedTests")?,
        failed: number("numFailedTests")?,
        ignored: number("numPendingTests").unwrap_or(0) + number("numTodoTests").unwrap_or(0),
    };
    // A file that cannot be loaded has no test that could fail.
    if counts.failed == 0 && report["success"] == Value::Bool(false) {
        counts.failed = number("numFailedTestSuites").unwrap_or(0).max(1);
    }
    Some(counts)
}

/// Playwright's JSON report. A test that passed when repeated has passed.
pub(crate) fn of_playwright(report: &Value) -> Option<Counts> {
    let number = |key: &str| report["stats"][key].as_u64();
    let errors = report["errors"].as_array().map_or(0, Vec::len) as u64;
    Some(Counts {
        passed: number("expected")? + number("flaky")?,
        failed: number("unexpected")? + errors,
        ignored: number("skipped")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counts(passed: u64, failed: u64, ignored: u64) -> Counts {
        Counts {
            passed,
            failed,
            ignored,
        }
    }

    #[test]
    fn results_of_several_programs_are_added() {
        let output = "\
running 2 tests
..
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 9 filtered out; finished in 1.25s
";
        assert_eq!(of_cargo(output), Some(counts(15, 2, 1)));
    }

    #[test]
    fn a_program_that_died_has_no_result() {
        assert_eq!(of_cargo("running 2 tests\nprocess didn't exit"), None);
        assert_eq!(of_cargo("test result: unreadable"), None);
    }

    #[test]
    fn a_client_test_file_that_does_not_load_is_a_failure() {
        let report = json!({
            "numPassedTests": 4, "numFailedTests": 0, "numPendingTests": 1, "numTodoTests": 0,
            "numFailedTestSuites": 1, "success": false,
        });
        assert_eq!(of_vitest(&report), Some(counts(4, 1, 1)));
        assert_eq!(of_vitest(&json!({})), None);
    }

    #[test]
    fn a_browser_test_that_passed_on_its_second_try_has_passed() {
        let report = json!({
            "stats": {"expected": 7, "unexpected": 1, "flaky": 1, "skipped": 2}, "errors": [],
        });
        assert_eq!(of_playwright(&report), Some(counts(8, 1, 2)));
    }
}
