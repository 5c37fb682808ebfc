//! What every text people type has in common.

/// Why a text cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("it is empty")]
    Empty,
    #[error("it has more than {max} characters")]
    TooLong { max: usize },
    /// A control character, or one that turns the direction of the text around it.
    #[error("it holds a character that cannot be shown")]
    Unprintable,
}

/// A text of one line, without space around it. May be empty.
pub(crate) fn line(text: &str, chars_max: usize) -> Result<String, TextError> {
    let text = text.trim();
    if text.chars().any(|c| c.is_control() || turns_direction(c)) {
        return Err(TextError::Unprintable);
    }
    within(text, chars_max)?;
    Ok(text.to_owned())
}

/// A text of one line that says something.
pub(crate) fn full_line(text: &str, chars_max: usize) -> Result<String, TextError> {
    let line = line(text, chars_max)?;
    if line.is_empty() {
        return Err(TextError::Empty);
    }
    Ok(line)
}

pub(crate) fn within(text: &str, chars_max: usize) -> Result<(), TextError> {
    // Counting stops at the bound, so a huge text costs no more than a long one.
    match text.chars().nth(chars_max) {
        Some(_) => Err(TextError::TooLong { max: chars_max }),
        None => Ok(()),
    }
}

/// These let a name pretend to be another one.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
