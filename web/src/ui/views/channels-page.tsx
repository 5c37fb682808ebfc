import { Hash, Plus } from "lucide";
import { createMemo, createResource, createSignal, For, Show, type JSX } from "solid-js";

import { join, reasonOf } from "../../actions";
import { find } from "../../core/find";
import { t } from "../../core/i18n";
import type { ChannelList, ChannelListing } from "../../protocol/generated";
import { useApp } from "../app";
import { ready } from "../bind";
import { Button, Empty, Place, SearchField, Skeleton, toast } from "../kit";

export function ChannelsPage(): JSX.Element {
  const app = useApp();
  const [query, setQuery] = createSignal("");
  const [listed, { refetch }] = createResource(async () => {
    const { channels } = await app.client.http.get<ChannelList>("/channels");
    return channels.sort((a, b) => a.name.localeCompare(b.name));
  });
  const found = createMemo((): ChannelListing[] =>
    find(query(), ready(listed) ?? [], (channel) => channel.name, 200),
  );
  const open = (channel: ChannelListing): void => app.go({ kind: "conversation", id: channel.id });
  const enter = (channel: ChannelListing): void => {
    join(app.client, channel.id).then(
      () => open(channel),
      (error: unknown) => toast(reasonOf(error), "bad"),
    );
  };
  return (
    <div class="page">
      <header class="head">
        <h1 class="grow">{t.channels.title}</h1>
        <Button icon={Plus} onClick={() => app.show({ kind: "create_channel" })}>
          {t.create.channel}
        </Button>
      </header>
      <div class="page-scroll">
        <div class="page-column">
          <SearchField label={t.channels.filter} value={query()} onValue={setQuery} />
          <Show
            when={listed.state !== "errored"}
            fallback={
              <Empty icon={Hash} title={t.unreachable}>
                <Button onClick={() => void refetch()}>{t.retry}</Button>
              </Empty>
            }
          >
            <Show when={ready(listed)} fallback={<Skeleton rows={6} />}>
              <ul class="page-list">
                <For
                  each={found()}
                  fallback={<Empty icon={Hash} title={t.channels.none} text={t.channels.noneText} />}
                >
                  {(channel) => (
                    <li class="list-row">
                      <Place of={{ kind: "channel", visibility: "public" }} />
                      <span class="grow column">
                        <b class="truncate">{channel.name}</b>
                        <span class="small muted truncate">
                          {[
                            t.channels.people(channel.member_count),
                            ...(channel.topic === "" ? [] : [channel.topic]),
                            ...(channel.archived ? [t.channels.archived] : []),
                          ].join(" · ")}
                        </span>
                      </span>
                      <Show
                        when={channel.joined}
                        fallback={
                          <Button size="compact" onClick={() => enter(channel)} aria-label={`${t.channels.join} ${channel.name}`}>
                            {t.channels.join}
                          </Button>
                        }
                      >
                        <Button size="compact" kind="quiet" onClick={() => open(channel)} aria-label={`${t.channels.open} ${channel.name}`}>
                          {t.channels.open}
                        </Button>
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </Show>
        </div>
      </div>
    </div>
  );
}
