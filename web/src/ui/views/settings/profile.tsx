import { createSignal, Show, type JSX } from "solid-js";

import { fieldOf, reasonOf } from "../../../actions";
import { t } from "../../../core/i18n";
import { PASSWORD_CHARS_MIN, PICTURE_BYTES_MAX, USER_NAME_CHARS_MAX } from "../../../protocol/generated";
import { useApp } from "../../app";
import { Avatar, Button, PasswordField, TextField, toast, Wrong } from "../../kit";

export function Profile(): JSX.Element {
  const app = useApp();
  const { http } = app.client;
  const me = app.workspace().me;
  const [name, setName] = createSignal(me?.user.name ?? "");
  const [email, setEmail] = createSignal(me?.email ?? "");
  const [wrong, setWrong] = createSignal<{ field: string | null; text: string }>();
  const [busy, setBusy] = createSignal(false);
  const [current, setCurrent] = createSignal("");
  const [next, setNext] = createSignal("");
  const [wrongPassword, setWrongPassword] = createSignal<{ field: string | null; text: string }>();
  let file!: HTMLInputElement;
  const mib = PICTURE_BYTES_MAX / 1024 / 1024;

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setWrong(undefined);
    try {
      await http.patch("/me", { name: name().trim(), email: email().trim() });
      toast(t.saved);
    } catch (error) {
      setWrong({ field: fieldOf(error), text: reasonOf(error) });
    }
    setBusy(false);
  };
  const changePassword = async (event: Event): Promise<void> => {
    event.preventDefault();
    setWrongPassword(undefined);
    try {
      await http.post("/me/password", { current: current(), new: next() });
      setCurrent("");
      setNext("");
      toast(t.settings.passwordChanged);
    } catch (error) {
      setWrongPassword({ field: fieldOf(error), text: reasonOf(error) });
    }
  };
  const choose = (): void => {
    const [picture] = file.files ?? [];
    file.value = "";
    if (picture === undefined) return;
    if (picture.size > PICTURE_BYTES_MAX) {
      toast(t.settings.pictureTooLarge(mib), "bad");
      return;
    }
    http.put("/me/picture", picture).then(
      () => toast(t.saved),
      (error: unknown) => toast(reasonOf(error), "bad"),
    );
  };
  const wrongAt = (field: string): string | undefined => {
    const found = wrong();
    return found?.field === field ? found.text : undefined;
  };
  return (
    <>
      <p class="muted">{t.settings.profileText}</p>
      <div class="settings-picture">
        <Avatar of={app.workspace().me?.user} size={72} />
        <div class="column">
          <div class="row">
            <Button onClick={() => file.click()}>{t.settings.choosePicture}</Button>
            <Show when={app.workspace().me?.user.picture}>
              <Button
                kind="quiet"
                onClick={() => {
                  http.delete("/me/picture").catch((error: unknown) => toast(reasonOf(error), "bad"));
                }}
              >
                {t.settings.removePicture}
              </Button>
            </Show>
          </div>
          <p class="hint">{t.settings.pictureHint(mib)}</p>
          <input
            ref={file}
            type="file"
            accept="image/png,image/jpeg,image/webp"
            hidden
            aria-label={t.settings.picture}
            onChange={choose}
          />
        </div>
      </div>
      <form class="form" onSubmit={(event) => void save(event)}>
        <TextField
          label={t.settings.name}
          value={name()}
          onValue={setName}
          maxlength={USER_NAME_CHARS_MAX}
          autocomplete="name"
          required
          wrong={wrongAt("name")}
        />
        <TextField
          label={t.settings.email}
          type="email"
          value={email()}
          onValue={setEmail}
          autocomplete="email"
          required
          wrong={wrongAt("email")}
        />
        <Wrong text={wrong()?.field === null ? wrong()?.text : undefined} />
        <div>
          <Button kind="primary" type="submit" busy={busy()}>
            {t.save}
          </Button>
        </div>
      </form>
      <form class="form" onSubmit={(event) => void changePassword(event)}>
        <h3 class="title">{t.settings.password}</h3>
        <PasswordField
          label={t.settings.currentPassword}
          value={current()}
          onValue={setCurrent}
          autocomplete="current-password"
          required
          wrong={wrongPassword()?.field === "new" ? undefined : wrongPassword()?.text}
        />
        <PasswordField
          label={t.settings.newPassword}
          value={next()}
          onValue={setNext}
          autocomplete="new-password"
          minlength={PASSWORD_CHARS_MIN}
          hint={t.setup.passwordHint(PASSWORD_CHARS_MIN)}
          required
          wrong={wrongPassword()?.field === "new" ? wrongPassword()?.text : undefined}
        />
        <div>
          <Button type="submit">{t.settings.changePassword}</Button>
        </div>
      </form>
    </>
  );
}
