// A page that was opened from a folder on disk may not start a worker, and the search is one.
// So its script runs in a hidden frame, which takes messages as a worker does.
if (location.protocol === "file:") {
  window.Worker = class FrameWorker extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.started = addScript(frame.contentDocument, url);
    }

    async postMessage(data) {
      await this.started;
      this.inside.dispatchEvent(new MessageEvent("message", { data }));
    }
  };
}

function addScript(target, url) {
  return new Promise((resolve, reject) => {
    const script = target.createElement("script");
    script.src = url;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    target.body.append(script);
  });
}
