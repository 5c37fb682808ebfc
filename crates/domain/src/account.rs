//! People's accounts: what names, addresses and passwords may be, and who must not be locked out.

#[cfg(test)]
mod tests;

use std::fmt;

use protocol::{
    UserId,
    account::Role,
    limits::{
        CONVERSATION_NAME_CHARS_MAX, EMAIL_CHARS_MAX, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN,
        USER_NAME_CHARS_MAX,
    },
};

use crate::text::{TextError, full_line, within};

/// A person's name as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    pub fn parse(name: &str) -> Result<Self, TextError> {
        full_line(name, USER_NAME_CHARS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceName(String);

impl WorkspaceName {
    pub fn parse(name: &str) -> Result<Self, TextError> {
        full_line(name, CONVERSATION_NAME_CHARS_MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// An e-mail address in the one spelling it is compared and kept in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no e-mail address")]
pub struct EmailError;

impl Email {
    /// Only what is certainly no address is refused: whether mail arrives cannot be read off it.
    pub fn parse(address: &str) -> Result<Self, EmailError> {
        let address = address.trim();
        let (local, domain) = address.rsplit_once('@').ok_or(EmailError)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        let labels = domain.split('.').all(|label| !label.is_empty());
        let sound = !local.is_empty()
            && !local.contains('@')
            && labels
            && address.chars().all(plain)
            && within(address, EMAIL_CHARS_MAX).is_ok();
        // No mail server in use tells upper from lower case in front of the @.
        if sound {
            Ok(Self(address.to_lowercase()))
        } else {
            Err(EmailError)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// A password somebody chooses. Prints as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password needs at least {min} characters")]
    TooShort { min: usize },
    #[error("the password is longer than {max} bytes")]
    TooLong { max: usize },
}

impl NewPassword {
    pub fn parse(password: String) -> Result<Self, PasswordError> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(PasswordError::TooLong {
                max: PASSWORD_BYTES_MAX,
            });
        }
        if password.chars().count() < PASSWORD_CHARS_MIN {
            return Err(PasswordError::TooShort {
                min: PASSWORD_CHARS_MIN,
            });
        }
        Ok(Self(password))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// What a workspace must not lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the workspace needs at least one admin who can sign in")]
pub struct LastAdmin;

/// A person's standing, now or after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub role: Role,
    pub disabled: bool,
}

impl Standing {
    /// Whether the person can administer the workspace.
    pub fn administers(self) -> bool {
        match self.role {
            Role::Admin => !self.disabled,
            Role::Member => false,
        }
    }
}

/// What the person's standing becomes. `admins` is how many can administer the workspace now, the
/// person among them if they do.
pub fn change_standing(
    now: Standing,
    role: Option<Role>,
    disabled: Option<bool>,
    admins: usize,
) -> Result<Standing, LastAdmin> {
    let then = Standing {
        role: role.unwrap_or(now.role),
        disabled: disabled.unwrap_or(now.disabled),
    };
    if now.administers() && !then.administers() && admins <= 1 {
        return Err(LastAdmin);
    }
    Ok(then)
}

/// The hue, in degrees, of a person's colour for life.
pub fn hue(user: UserId) -> u16 {
    // The random part of the id; ids made in the same instant differ nowhere else.
    let sum = user.to_bytes()[6..].iter().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    u16::try_from(sum % 360).unwrap_or(0)
}

/// A name for a device such as "Firefox on Linux", from the user agent it sends.
pub fn device_name(user_agent: &str) -> String {
    // The first that is found counts: most browsers name the ones they descend from as well.
    let first = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg/", "Edge"),
        ("EdgA/", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi/", "Vivaldi"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}
