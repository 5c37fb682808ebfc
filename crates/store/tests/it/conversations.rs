//! Channels, groups and direct messages, and who is in them.

use domain::access::Membership;
use protocol::{
    account::Role,
    conversation::{ConversationKind, Preferences, Visibility},
    timeline::EntryBody,
};
use store::{NewChannel, Store, StoreError, Taken};

use crate::harness::{
    at, channel, conversation_id, direct, group, new_direct, new_message, on_both, people, person,
    say, seqs, set_up, user_id, whole,
};

on_both!(
    two_people_have_one_direct_message,
    whoever_asks_at_the_same_moment_gets_the_same_direct_message,
    notes_to_oneself_have_one_member,
    a_group_knows_its_members,
    a_public_channels_name_is_its_own,
    a_private_channels_name_tells_nothing,
    a_place_says_where_a_person_stands,
    coming_and_going_are_entries_and_happen_once,
    members_are_added_once_and_named,
    a_group_does_not_outgrow_its_bound,
    names_and_topics_change_by_entries,
    an_archived_conversation_takes_nothing,
    an_archived_channels_name_is_free,
    conversations_come_in_the_order_of_use,
    a_person_unknown_is_not_made_a_member,
    what_a_member_prefers_is_their_own_and_outlasts_their_absence,
);

async fn two_people_have_one_direct_message(store: Store) {
    let [ann, bob] = people(&store).await;
    let first = store.direct(new_direct(ann, bob)).await.unwrap();
    assert!(first.new && first.entries.is_empty());
    let mine = &first.conversation.conversation;
    assert_eq!((mine.kind, mine.last_seq), (ConversationKind::Direct, 0));
    assert_eq!(mine.members.len(), 2);
    let again = store.direct(new_direct(bob, ann)).await.unwrap();
    assert!(!again.new);
    assert_eq!(again.conversation.conversation.id, mine.id);
}

async fn whoever_asks_at_the_same_moment_gets_the_same_direct_message(store: Store) {
    let [ann, bob] = people(&store).await;
    let mut tasks = Vec::new();
    for number in 0..8 {
        let store = store.clone();
        let new = match number % 2 {
            0 => new_direct(ann, bob),
            _ => new_direct(bob, ann),
        };
        tasks.push(tokio::spawn(
            async move { store.direct(new).await.unwrap() },
        ));
    }
    let mut created = Vec::new();
    for task in tasks {
        created.push(task.await.unwrap());
    }
    assert_eq!(created.iter().filter(|one| one.new).count(), 1);
    let id = created[0].conversation.conversation.id;
    assert!(
        created
            .iter()
            .all(|one| one.conversation.conversation.id == id)
    );
}

async fn notes_to_oneself_have_one_member(store: Store) {
    let [ann] = people(&store).await;
    let notes = direct(&store, ann, ann).await;
    assert_eq!(store.member_ids(notes).await.unwrap(), vec![ann]);
    assert_eq!(direct(&store, ann, ann).await, notes);
    say(&store, notes, ann, "milk").await;
    let mine = store.my_conversation(ann, notes).await.unwrap().unwrap();
    assert_eq!((mine.conversation.member_count, mine.read.unread), (1, 0));
}

async fn a_group_knows_its_members(store: Store) {
    let [ann, bob, eve] = people(&store).await;
    let id = group(&store, &[ann, bob]).await;
    let mine = store.my_conversation(bob, id).await.unwrap().unwrap();
    assert_eq!(mine.conversation.members, vec![ann, bob]);
    assert_eq!(mine.conversation.member_count, 2);
    assert_eq!(store.my_conversation(eve, id).await.unwrap(), None);
    assert_eq!(
        store.my_conversations(ann).await.unwrap()[0].conversation,
        mine.conversation
    );
    assert_eq!(
        store.conversation(id).await.unwrap(),
        Some(mine.conversation)
    );
    assert_eq!(store.conversation(conversation_id()).await.unwrap(), None);
    let entries = whole(&store, id, ann).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].body, EntryBody::ConversationCreated);
}

fn named(name: &str, by: protocol::UserId, visibility: Visibility) -> NewChannel {
    NewChannel {
        id: conversation_id(),
        name: name.to_owned(),
        topic: "all of it".to_owned(),
        visibility,
        created_by: by,
        at: at(0),
    }
}

async fn a_public_channels_name_is_its_own(store: Store) {
    let [ann, bob] = people(&store).await;
    let design = channel(&store, ann, "design").await;
    let again = store
        .create_channel(named("Design", bob, Visibility::Public))
        .await;
    assert_eq!(
        again.unwrap_err(),
        StoreError::AlreadyExists(Taken::ChannelName)
    );
    let other = channel(&store, bob, "other").await;
    let renamed = store
        .rename(other, bob, Some("DESIGN".to_owned()), at(1))
        .await;
    assert_eq!(
        renamed.unwrap_err(),
        StoreError::AlreadyExists(Taken::ChannelName)
    );
    let listed = store.channels(bob).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|one| (one.id, one.joined)).collect();
    assert_eq!(listed, vec![(design, false), (other, true)]);
}

async fn a_private_channels_name_tells_nothing(store: Store) {
    let [ann, bob] = people(&store).await;
    store
        .create_channel(named("plans", ann, Visibility::Private))
        .await
        .unwrap();
    store
        .create_channel(named("plans", bob, Visibility::Public))
        .await
        .unwrap();
    assert_eq!(store.channels(ann).await.unwrap().len(), 1);
}

async fn a_place_says_where_a_person_stands(store: Store) {
    let (ada, _) = set_up(&store).await;
    let [ann, bob] = people(&store).await;
    let id = channel(&store, ann, "design").await;
    let place = store.place(ann, id).await.unwrap().unwrap();
    assert!(place.creator && !place.archived);
    assert_eq!(
        (place.role, place.membership),
        (Role::Member, Membership::Member)
    );
    let place = store.place(ada, id).await.unwrap().unwrap();
    assert_eq!(
        (place.role, place.membership),
        (Role::Admin, Membership::Never)
    );
    store.join(id, bob, at(1)).await.unwrap();
    store.leave(id, bob, at(2)).await.unwrap();
    let place = store.place(bob, id).await.unwrap().unwrap();
    assert_eq!(
        (place.creator, place.membership),
        (false, Membership::Former)
    );
    assert_eq!(store.place(ann, conversation_id()).await.unwrap(), None);
}

async fn coming_and_going_are_entries_and_happen_once(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = channel(&store, ann, "design").await;
    say(&store, id, ann, "before").await;
    let joined = store.join(id, bob, at(1)).await.unwrap();
    assert_eq!(joined[0].body, EntryBody::MemberJoined);
    assert_eq!(store.join(id, bob, at(2)).await.unwrap(), vec![]);
    let mine = store.my_conversation(bob, id).await.unwrap().unwrap();
    assert_eq!((mine.conversation.member_count, mine.read.unread), (2, 0));
    assert_eq!(
        store.leave(id, bob, at(3)).await.unwrap()[0].body,
        EntryBody::MemberLeft
    );
    assert_eq!(store.leave(id, bob, at(4)).await.unwrap(), vec![]);
    say(&store, id, ann, "while away").await;
    store.add_members(id, ann, vec![bob], at(5)).await.unwrap();
    assert_eq!(store.read_state(bob, id).await.unwrap().unwrap().unread, 0);
    let removed = store.remove_member(id, ann, bob, at(6)).await.unwrap();
    assert_eq!(removed[0].body, EntryBody::MemberRemoved { user_id: bob });
    assert_eq!(store.read_state(bob, id).await.unwrap(), None);
    let refused = store.send_message(new_message(id, bob, "but")).await;
    assert_eq!(refused.unwrap_err(), StoreError::NotFound);
    assert_eq!(
        seqs(&whole(&store, id, ann).await),
        (1..=7).collect::<Vec<_>>()
    );
}

async fn members_are_added_once_and_named(store: Store) {
    let [ann, bob, cat, dan] = people(&store).await;
    let id = group(&store, &[ann, bob]).await;
    let added = store
        .add_members(id, ann, vec![dan, bob, cat, dan], at(1))
        .await
        .unwrap();
    let user_ids = vec![dan, cat];
    assert_eq!(added[0].body, EntryBody::MembersAdded { user_ids });
    assert_eq!(
        store.add_members(id, ann, vec![cat], at(2)).await.unwrap(),
        vec![]
    );
    let members = store.members(id).await.unwrap();
    assert_eq!(members.len(), 4);
    assert_eq!(members[3].joined_at, at(1));
    assert_eq!(store.memberships().await.unwrap().len(), 4);
    assert_eq!(store.conversation_ids(dan).await.unwrap(), vec![id]);
}

async fn a_group_does_not_outgrow_its_bound(store: Store) {
    let everybody = people::<52>(&store).await;
    let id = group(&store, &everybody[..49]).await;
    store
        .add_members(id, everybody[0], vec![everybody[49]], at(1))
        .await
        .unwrap();
    let refused = store
        .add_members(id, everybody[0], everybody[50..].to_vec(), at(2))
        .await;
    assert_eq!(refused, Err(StoreError::Conflict));
    assert_eq!(store.member_ids(id).await.unwrap().len(), 50);
}

async fn names_and_topics_change_by_entries(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = group(&store, &[ann, bob]).await;
    let name = Some("Lunch".to_owned());
    let entries = store.rename(id, bob, name.clone(), at(1)).await.unwrap();
    assert_eq!(entries[0].body, EntryBody::Renamed { name: name.clone() });
    assert_eq!(store.rename(id, ann, name, at(2)).await.unwrap(), vec![]);
    let topic = "noon".to_owned();
    let entries = store
        .set_topic(id, ann, topic.clone(), at(3))
        .await
        .unwrap();
    assert_eq!(
        entries[0].body,
        EntryBody::TopicChanged {
            topic: topic.clone()
        }
    );
    assert_eq!(
        store.set_topic(id, ann, topic, at(4)).await.unwrap(),
        vec![]
    );
    store.rename(id, bob, None, at(5)).await.unwrap();
    let now = store.conversation(id).await.unwrap().unwrap();
    assert_eq!(
        (now.name, now.topic.as_str(), now.last_seq),
        (None, "noon", 4)
    );
    assert_eq!(now.last_at, at(5));
    assert_eq!(
        whole(&store, id, ann).await[1].body,
        EntryBody::Renamed {
            name: Some("Lunch".to_owned())
        }
    );
}

async fn an_archived_conversation_takes_nothing(store: Store) {
    let [ann, bob] = people(&store).await;
    let id = channel(&store, ann, "design").await;
    let sent = say(&store, id, ann, "last words").await;
    let archived = store.archive(id, ann, at(1)).await.unwrap();
    assert_eq!(archived[0].body, EntryBody::Archived);
    assert_eq!(store.archive(id, ann, at(2)).await.unwrap(), vec![]);
    let refused = [
        store.join(id, bob, at(3)).await.unwrap_err(),
        store
            .add_members(id, ann, vec![bob], at(3))
            .await
            .unwrap_err(),
        store
            .rename(id, ann, Some("other".to_owned()), at(3))
            .await
            .unwrap_err(),
        store
            .send_message(new_message(id, ann, "one more"))
            .await
            .unwrap_err(),
    ];
    assert!(
        refused.iter().all(|error| *error == StoreError::Archived),
        "{refused:?}"
    );
    let delete = store::DeleteMessage {
        conversation_id: id,
        message_id: crate::harness::message(&sent).id,
        by: ann,
        at: at(4),
    };
    store.delete_message(delete).await.unwrap();
    assert_eq!(store.unarchive(id, ann, at(5)).await.unwrap().len(), 1);
    say(&store, id, ann, "again").await;
}

async fn an_archived_channels_name_is_free(store: Store) {
    let [ann] = people(&store).await;
    let old = channel(&store, ann, "design").await;
    store.archive(old, ann, at(1)).await.unwrap();
    channel(&store, ann, "design").await;
    let back = store.unarchive(old, ann, at(2)).await;
    assert_eq!(
        back.unwrap_err(),
        StoreError::AlreadyExists(Taken::ChannelName)
    );
    store
        .rename(old, ann, Some("old".to_owned()), at(3))
        .await
        .unwrap_err();
}

async fn conversations_come_in_the_order_of_use(store: Store) {
    let [ann, bob] = people(&store).await;
    let first = channel(&store, ann, "first").await;
    let second = direct(&store, ann, bob).await;
    let mut message = new_message(first, ann, "old");
    message.at = at(10);
    store.send_message(message).await.unwrap();
    let mut message = new_message(second, bob, "new");
    message.at = at(20);
    store.send_message(message).await.unwrap();
    let order: Vec<_> = store.my_conversations(ann).await.unwrap();
    let order: Vec<_> = order.iter().map(|mine| mine.conversation.id).collect();
    assert_eq!(order, vec![second, first]);
}

async fn a_person_unknown_is_not_made_a_member(store: Store) {
    let ann = person(&store, "Ann").await;
    let id = channel(&store, ann, "design").await;
    let refused = store.add_members(id, ann, vec![user_id()], at(1)).await;
    assert_eq!(refused, Err(StoreError::NotFound));
    let refused = store.direct(new_direct(ann, user_id())).await;
    assert_eq!(refused, Err(StoreError::NotFound));
    assert_eq!(
        store.join(conversation_id(), ann, at(1)).await,
        Err(StoreError::NotFound)
    );
    assert_eq!(seqs(&whole(&store, id, ann).await), vec![1]);
}

async fn what_a_member_prefers_is_their_own_and_outlasts_their_absence(store: Store) {
    let [ann, bob, cara] = people(&store).await;
    let id = group(&store, &[ann, bob]).await;
    let of = async |user| {
        let mine = store.my_conversation(user, id).await.unwrap();
        mine.map(|mine| mine.preferences)
    };
    let muted = Preferences {
        muted: true,
        rings: false,
    };
    assert_eq!(of(bob).await, Some(Preferences::default()));
    store.set_preferences(bob, id, muted).await.unwrap();
    assert_eq!(of(bob).await, Some(muted));
    assert_eq!(of(ann).await, Some(Preferences::default()));
    let listed = store.my_conversations(bob).await.unwrap();
    assert_eq!(listed[0].preferences, muted);

    store.leave(id, bob, at(1)).await.unwrap();
    for stranger in [bob, cara] {
        let refused = store.set_preferences(stranger, id, muted).await;
        assert_eq!(refused, Err(StoreError::NotFound));
    }
    store
        .add_members(id, ann, vec![bob, cara], at(2))
        .await
        .unwrap();
    assert_eq!(of(bob).await, Some(muted));
    assert_eq!(of(cara).await, Some(Preferences::default()));
}
