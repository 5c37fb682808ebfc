export { Button, IconButton } from "./button";
export { Confirm, Dialog } from "./dialog";
export { announce, Announcer, Empty, Skeleton, toast, Toasts } from "./feedback";
export { Framed, PasswordField, SearchField, Segments, Switch, TextField, Wrong } from "./field";
export { Bars, Icon, Mark } from "./icon";
export { Menu, type MenuItem } from "./menu";
export { Avatar, Faces, initials, Place, placeIcon, presenceWord, type Face, type Shown } from "./person";
export { Link } from "./link";
