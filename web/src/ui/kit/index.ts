export { Button, IconButton } from "./button";
export { Confirm } from "./confirm";
export { announce, Announcer, Empty, Skeleton, toast, Toasts } from "./feedback";
export { Framed, PasswordField, SearchField, Segments, Switch, TextField, Wrong } from "./field";
export { Bars, Icon, Mark } from "./icon";
export { Menu } from "./menu";
export type { MenuItem } from "./menu-item";
export { Avatar, Faces, initials, Place, placeIcon, presenceWord, type Face, type Shown } from "./person";
export { Link } from "./link";
