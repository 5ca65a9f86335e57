// A sheet to draw on. The value is a list of strokes, each of points [x, y] from 0 to 1000.
const canvas = element.querySelector("canvas");
const context = canvas.getContext("2d");
let strokes = [];
let drawing = false;

const point = (event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((x) => Math.round(1000 * x));
};

const show = () => {
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineWidth = 0.035 * canvas.width;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    for (const [x, y] of [stroke[0], ...stroke]) context.lineTo((x * canvas.width) / 1000, (y * canvas.height) / 1000);
    context.stroke();
  }
};

const tell = () => {
  props.value = strokes;
  trigger("change");
};

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  drawing = true;
  strokes = [...strokes, [point(event)]];
  show();
});
canvas.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  const moves = event.getCoalescedEvents?.() ?? []; // older browsers know none, and the last of them is the event
  strokes[strokes.length - 1].push(...(moves.length ? moves : [event]).map(point));
  show();
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, () => {
    if (drawing) tell();
    drawing = false;
  });
}
element.querySelector("button").addEventListener("click", () => {
  strokes = [];
  show();
  tell();
});
