// @ts-check
/** The desk's REST calls: JSON both ways, the CSRF token on everything that changes something. */

/** What went wrong; `status` 0 when no answer came. */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Api {
  csrf = "";

  /** @param {string} path below /v1/desk/ @returns {Promise<any>} */
  get(path) {
    return this.#call("GET", path);
  }

  /** @param {string} path @param {object} [body] @returns {Promise<any>} */
  post(path, body = {}) {
    return this.#call("POST", path, body);
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async #call(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { accept: "application/json" };
    if (body) Object.assign(headers, { "content-type": "application/json", "x-csrf-token": this.csrf });
    let response;
    try {
      response = await fetch(`/v1/desk/${path}`, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
    } catch {
      throw new ApiError(0, "unreachable", "");
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(response.status, answer.error?.code ?? "", answer.error?.message ?? "");
    if (answer.csrf) this.csrf = answer.csrf;
    return answer;
  }
}
