// Loads the library in a process of its own, so that a native file that crashes can't take doctor along.
const { engine } = require("convnets");
console.log(JSON.stringify(engine()));
