//! `connect user …`: accounts without a browser, beside a server that may be running. Its sockets
//! notice within a minute; everything else at once.

use std::io::{self, BufRead};

use clap::Subcommand;
use domain::account::{Email, NewPassword, Standing, UserName, change_standing, hue};
use protocol::{
    ConversationId, UserId,
    account::{Role, User},
};
use store::{NewUser, SetUp, Store, UserChange};

use super::{Failure, open_store, say};
use crate::{
    clock::{self, Fresh},
    config::Config,
    passwords,
};

/// What a workspace made on the command line is called until an admin renames it.
const WORKSPACE_NAME: &str = "Workspace";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account; the first one must be an admin's and makes the workspace
    Add {
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Show every account
    List,
    /// Sign a person out everywhere and for good
    Disable { email: String },
    /// Set a new password and sign the person out everywhere
    ResetPassword {
        email: String,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let store = open_store(config).await?;
    let done = match command {
        Command::Add {
            email,
            name,
            admin,
            password_stdin: _,
        } => add(&store, &email, &name, admin).await,
        Command::List => list(&store).await,
        Command::Disable { email } => disable(&store, &email).await,
        Command::ResetPassword {
            email,
            password_stdin: _,
        } => reset_password(&store, &email).await,
    };
    store.close().await;
    done
}

async fn add(store: &Store, email: &str, name: &str, admin: bool) -> Result<(), Failure> {
    let at = clock::now();
    let email = Email::parse(email)?;
    let name = UserName::parse(name).map_err(|error| Failure(format!("The name: {error}.")))?;
    let id = UserId::fresh(at);
    let user = NewUser {
        id,
        name: name.into_string(),
        email: email.as_str().to_owned(),
        role: if admin { Role::Admin } else { Role::Member },
        password_hash: passwords::hash(read_password()?.as_str().as_bytes()),
        hue: hue(id),
        at,
    };
    if store.workspace().await?.is_some() {
        store.create_user(user).await?;
    } else if admin {
        let general = ConversationId::fresh(at);
        store
            .set_up(SetUp {
                workspace_name: WORKSPACE_NAME.to_owned(),
                user,
                general,
                at,
            })
            .await?;
    } else {
        return Err(Failure(
            "There is no workspace yet. Make its first admin: add --admin.".to_owned(),
        ));
    }
    say(format_args!("Added {}.", email.as_str()))
}

async fn list(store: &Store) -> Result<(), Failure> {
    for user in store.users().await? {
        let email = store.email(user.id).await?.unwrap_or_default();
        let role = match user.role {
            Role::Admin => "admin",
            Role::Member => "member",
        };
        let state = if user.disabled { "disabled" } else { "active" };
        say(format_args!("{email}\t{role}\t{state}\t{}", user.name))?;
    }
    Ok(())
}

async fn disable(store: &Store, email: &str) -> Result<(), Failure> {
    let user = find(store, email).await?;
    let standing = |user: &User| Standing {
        role: user.role,
        disabled: user.disabled,
    };
    let users = store.users().await?;
    let admins = users
        .iter()
        .filter(|user| standing(user).administers())
        .count();
    change_standing(standing(&user), None, Some(true), admins)
        .map_err(|error| Failure(format!("Not done: {error}. Make another admin first.")))?;
    let change = UserChange {
        disabled: Some(true),
        at: clock::now(),
        ..UserChange::default()
    };
    store.update_user(user.id, change).await?;
    say(format_args!("Disabled {email}."))
}

async fn reset_password(store: &Store, email: &str) -> Result<(), Failure> {
    let user = find(store, email).await?;
    let hash = passwords::hash(read_password()?.as_str().as_bytes());
    let change = UserChange {
        password_hash: Some(hash),
        at: clock::now(),
        ..UserChange::default()
    };
    store.update_user(user.id, change).await?;
    store.revoke_sessions_except(user.id, None).await?;
    say(format_args!(
        "{email} has a new password and is signed out everywhere."
    ))
}

async fn find(store: &Store, email: &str) -> Result<User, Failure> {
    let known = match Email::parse(email) {
        Ok(email) => store.credentials(email.as_str()).await?,
        Err(_) => None,
    };
    let Some(known) = known else {
        let hint = "`connect user list` shows every account";
        return Err(Failure(format!("There is no account {email}; {hint}.")));
    };
    let gone = || Failure(format!("There is no account {email} any more."));
    store.user(known.user_id).await?.ok_or_else(gone)
}

/// The first line of standard input.
fn read_password() -> Result<NewPassword, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    NewPassword::parse(password).map_err(|error| Failure(format!("Not taken: {error}.")))
}
