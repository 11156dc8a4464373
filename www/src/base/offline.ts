/** Has the browser keep the page, so that it works without a network once it was loaded. */

/** A name that the Content-Security-Policy lists: nobody else makes addresses of scripts. */
const POLICY = "eddyline-offline";

interface ScriptAddresses {
  createScriptURL(text: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: ScriptAddresses): ScriptAddresses;
}

/** Registers the service worker, when the page is idle and nobody asks to save data. */
export async function keepPage(): Promise<void> {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (!("serviceWorker" in navigator) || connection?.saveData === true) return;
  await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  try {
    await navigator.serviceWorker.register(workerAddress());
  } catch (error) {
    // The page is as good as before, but for the lack of a network.
    console.info("the page is not kept for use without a network:", error);
  }
}

function workerAddress(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return "./sw.js";
  return trustedTypes
    .createPolicy(POLICY, { createScriptURL: (text) => text })
    .createScriptURL("./sw.js");
}
