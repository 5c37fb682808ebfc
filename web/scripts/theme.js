// Before the first paint: the person's choice, or else the system's. The build puts this into the
// page itself, whose only inline script it is: the server allows it by its hash.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("connect.appearance");
  } catch (error) {
    // Storage may be blocked; the system's choice is good then.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
