import { AudioLines, Bell, BellOff, Building2, Keyboard, MonitorSmartphone, SunMoon, User, type IconNode } from "lucide";
import { createMemo, For, type JSX } from "solid-js";

import { t } from "../../../core/i18n";
import { ADMIN_SETTINGS, SETTINGS, type SettingsPage } from "../../../core/route";
import { useApp } from "../../app";
import { Icon, Link } from "../../kit";

const ICONS: Record<SettingsPage, IconNode> = {
  profile: User,
  notifications: Bell,
  status: BellOff,
  sound: AudioLines,
  devices: MonitorSmartphone,
  appearance: SunMoon,
  keyboard: Keyboard,
  workspace: Building2,
};

export function SettingsNav(): JSX.Element {
  const app = useApp();
  const isAdmin = (): boolean => app.workspace().me?.user.role === "admin";
  const pages = createMemo(() => SETTINGS.filter((page) => isAdmin() || !ADMIN_SETTINGS.includes(page)));
  return (
    <nav class="settings-nav" aria-label={t.settings.title}>
      <ul class="nav-list">
        <For each={pages()}>
          {(page) => (
            <li>
              <Link
                class="side-item"
                to={{ kind: "settings", page }}
                go={app.go}
                aria-current={isAt(app.route(), page) ? "page" : undefined}
              >
                <span class="side-lead">
                  <Icon of={ICONS[page]} size="medium" />
                </span>
                {t.settings.pages[page]}
              </Link>
            </li>
          )}
        </For>
      </ul>
    </nav>
  );
}

function isAt(route: { kind: string; page?: string }, page: SettingsPage): boolean {
  return route.kind === "settings" && route.page === page;
}
