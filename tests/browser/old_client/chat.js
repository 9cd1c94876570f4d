// The script of a page for the old chat: one plain WebSocket, without keys, resuming or rooms.

var me = "";
var socket = new WebSocket("ws://" + location.host + "/ws");

function show(message) {
  var item = document.createElement("li");
  var mine = message.connection_id === me;
  item.className = mine ? "mine" : "";
  item.textContent = (mine ? "me" : message.connection_id.slice(0, 8)) + " #" + message.user_message_number + ": " + message.text;
  document.getElementById("messages").appendChild(item);
}

socket.onmessage = function (event) {
  var data = JSON.parse(event.data);
  if (data.type === "init") {
    me = data.connection_id;
    document.getElementById("me").textContent = me;
    data.history.forEach(show);
  } else if (data.type === "message") {
    show(data);
  } else if (data.type === "error") {
    alert(data.message);
  }
};

socket.onclose = function () {
  document.getElementById("gone").style.display = "block";
};

document.getElementById("form").onsubmit = function (event) {
  event.preventDefault();
  var text = document.getElementById("text");
  socket.send(JSON.stringify({ type: "message", text: text.value }));
  text.value = "";
};
