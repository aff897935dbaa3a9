// The JavaScript environment of CloudFront Functions, "JavaScript runtime 2.0", for the engine QuickJS.
//
// The engine refuses callbacks into Python while a time limit is set. A function therefore asks the host by name:
// a lookup whose result is not in the table yet is noted, the host adds the result, and the function runs again.
// No run has a side effect outside of its own variables, so only the last run counts.
(function () {
  'use strict';

  const SUPPORTED = [
    'Array', 'ArrayBuffer', 'Boolean', 'DataView', 'Date', 'Error', 'EvalError', 'Float32Array', 'Float64Array',
    'Function', 'Infinity', 'Int16Array', 'Int32Array', 'Int8Array', 'JSON', 'Math', 'NaN', 'Number', 'Object',
    'Promise', 'RangeError', 'ReferenceError', 'RegExp', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'URIError',
    'Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray', 'decodeURI', 'decodeURIComponent', 'encodeURI',
    'encodeURIComponent', 'globalThis', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'undefined',
  ];
  const SystemDate = Date;
  const ownKeys = Reflect.ownKeys;
  const Seen = WeakSet;
  const stringify = JSON.stringify;
  const parse = JSON.parse;

  let createHandler;
  let state;

  function lookUp(request) {
    const name = stringify(request);
    if (Object.prototype.hasOwnProperty.call(state.known, name)) {
      return state.known[name];
    }
    state.wanted.push(name);
    return undefined;
  }

  // Buffer ---------------------------------------------------------------------------------------------------

  const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

  function toHex(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i++) {
      text += (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16);
    }
    return text;
  }

  function toBase64(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const left = bytes.length - i;
      const word = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8) | (left > 2 ? bytes[i + 2] : 0);
      text += BASE64[word >> 18] + BASE64[(word >> 12) & 63];
      text += (left > 1 ? BASE64[(word >> 6) & 63] : '=') + (left > 2 ? BASE64[word & 63] : '=');
    }
    return text;
  }

  function toBase64Url(text) {
    return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function fromHex(text) {
    const bytes = [];
    for (let i = 0; i + 1 < text.length && /^[0-9a-fA-F]{2}$/.test(text.substr(i, 2)); i += 2) {
      bytes.push(parseInt(text.substr(i, 2), 16));
    }
    return bytes;
  }

  function fromBase64(text) {
    const digits = text.replace(/-/g, '+').replace(/_/g, '/').replace(/[^A-Za-z0-9+/]/g, '');
    const bytes = [];
    let word = 0;
    for (let i = 0; i < digits.length; i++) {
      word = ((word << 6) | BASE64.indexOf(digits[i])) & 0xffffff;
      if (i % 4 !== 0) {
        bytes.push((word >> (6 - 2 * (i % 4))) & 255);
      }
    }
    return bytes;
  }

  function fromUtf8(text) {
    const bytes = [];
    // A lone surrogate has no UTF-8 encoding. Node.js and njs write U+FFFD instead.
    const escaped = encodeURIComponent(text.toWellFormed());
    for (let i = 0; i < escaped.length; i++) {
      if (escaped[i] === '%') {
        bytes.push(parseInt(escaped.substr(i + 1, 2), 16));
        i += 2;
      } else {
        bytes.push(escaped.charCodeAt(i));
      }
    }
    return bytes;
  }

  function toUtf8(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; ) {
      const first = bytes[i];
      const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
      let escaped = '';
      for (let k = i; k < i + size && k < bytes.length; k++) {
        escaped += '%' + (bytes[k] < 16 ? '0' : '') + bytes[k].toString(16);
      }
      try {
        text += size === 0 ? '\ufffd' : decodeURIComponent(escaped);
        i += size === 0 ? 1 : size;
      } catch (error) {
        text += '\ufffd';
        i += 1;
      }
    }
    return text;
  }

  function encode(text, encoding) {
    switch (encoding === undefined ? 'utf8' : encoding) {
      case 'utf8':
      case 'utf-8':
        return fromUtf8(text);
      case 'hex':
        return fromHex(text);
      case 'base64':
      case 'base64url':
        return fromBase64(text);
      default:
        throw new TypeError('"' + encoding + '" encoding is not supported');
    }
  }

  class Buffer extends Uint8Array {
    static alloc(size, fill) {
      return new Buffer(size).fill(fill === undefined ? 0 : fill);
    }
    static byteLength(value, encoding) {
      return Buffer.from(value, encoding).length;
    }
    static compare(one, other) {
      return Buffer.from(one).compare(other);
    }
    static concat(list) {
      const bytes = [];
      for (let i = 0; i < list.length; i++) {
        for (let k = 0; k < list[i].length; k++) {
          bytes.push(list[i][k]);
        }
      }
      return Buffer.from(bytes);
    }
    static from(value, encoding) {
      return new Buffer(typeof value === 'string' ? encode(value, encoding) : value);
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static isEncoding(encoding) {
      return ['utf8', 'utf-8', 'hex', 'base64', 'base64url'].indexOf(encoding) >= 0;
    }
    compare(other) {
      const size = Math.min(this.length, other.length);
      for (let i = 0; i < size; i++) {
        if (this[i] !== other[i]) {
          return this[i] < other[i] ? -1 : 1;
        }
      }
      return this.length === other.length ? 0 : this.length < other.length ? -1 : 1;
    }
    equals(other) {
      return this.compare(other) === 0;
    }
    toJSON() {
      return { type: 'Buffer', data: Array.prototype.slice.call(this) };
    }
    toString(encoding, start, end) {
      const bytes = this.subarray(start === undefined ? 0 : start, end === undefined ? this.length : end);
      switch (encoding === undefined ? 'utf8' : encoding) {
        case 'utf8':
        case 'utf-8':
          return toUtf8(bytes);
        case 'hex':
          return toHex(bytes);
        case 'base64':
          return toBase64(bytes);
        case 'base64url':
          return toBase64Url(toBase64(bytes));
        default:
          throw new TypeError('"' + encoding + '" encoding is not supported');
      }
    }
  }

  // crypto ---------------------------------------------------------------------------------------------------

  // Text and bytes as the host reads them: a string as such, bytes as a list with their hexadecimal digits.
  function describeData(data) {
    if (typeof data === 'string') {
      return data;
    }
    if (data instanceof Uint8Array) {
      return [toHex(data)];
    }
    throw new TypeError('data is not a string or Buffer-like object');
  }

  class Hash {
    constructor(request) {
      this._request = request;
      this._data = [];
    }
    update(data) {
      this._data.push(describeData(data));
      return this;
    }
    digest(encoding) {
      if (this._data === null) {
        throw new Error('Digest already called');
      }
      if (encoding !== undefined && ['hex', 'base64', 'base64url'].indexOf(encoding) < 0) {
        throw new TypeError('Unknown digest encoding: "' + encoding + '"');
      }
      const request = this._request.concat([this._data]);
      this._data = null;
      // Until the host has computed the digest, any text will do: the function runs once more.
      const digest = Buffer.from(lookUp(request) || '00', 'hex');
      return encoding === undefined ? digest : digest.toString(encoding);
    }
  }

  function checkAlgorithm(algorithm) {
    if (['md5', 'sha1', 'sha256'].indexOf(algorithm) < 0) {
      throw new TypeError('not supported algorithm: "' + algorithm + '"');
    }
  }

  const crypto = {
    createHash: function (algorithm) {
      checkAlgorithm(algorithm);
      return new Hash(['hash', algorithm]);
    },
    createHmac: function (algorithm, key) {
      checkAlgorithm(algorithm);
      return new Hash(['hmac', algorithm, describeData(key)]);
    },
  };

  // querystring ----------------------------------------------------------------------------------------------

  const querystring = {
    escape: function (text) {
      return encodeURIComponent(text);
    },
    unescape: function (text) {
      try {
        return decodeURIComponent(text);
      } catch (error) {
        return text;
      }
    },
    parse: function (text, separator, assignment, options) {
      const decode = (options && options.decodeURIComponent) || querystring.unescape;
      const result = {};
      const parts = text === '' ? [] : text.split(separator || '&');
      for (let i = 0; i < parts.length; i++) {
        const end = parts[i].indexOf(assignment || '=');
        const name = decode((end < 0 ? parts[i] : parts[i].slice(0, end)).replace(/\+/g, ' '));
        const value = end < 0 ? '' : decode(parts[i].slice(end + (assignment || '=').length).replace(/\+/g, ' '));
        if (!Object.prototype.hasOwnProperty.call(result, name)) {
          result[name] = value;
        } else if (Array.isArray(result[name])) {
          result[name].push(value);
        } else {
          result[name] = [result[name], value];
        }
      }
      return result;
    },
    stringify: function (object, separator, assignment, options) {
      const encodeText = (options && options.encodeURIComponent) || querystring.escape;
      const parts = [];
      Object.keys(object).forEach(function (name) {
        const values = Array.isArray(object[name]) ? object[name] : [object[name]];
        values.forEach(function (value) {
          parts.push(encodeText(name) + (assignment || '=') + encodeText(value));
        });
      });
      return parts.join(separator || '&');
    },
  };
  querystring.decode = querystring.parse;
  querystring.encode = querystring.stringify;

  // cloudfront -----------------------------------------------------------------------------------------------

  function lookUpLater(request) {
    const found = lookUp(request);
    return found === undefined ? new Promise(function () {}) : Promise.resolve(found);
  }

  const cloudfront = {
    kvs: function () {
      if (!state.hasStore) {
        throw new Error('The function has no associated key value store.');
      }
      return {
        get: async function (key, options) {
          const format = options && options.format ? options.format : 'string';
          if (['string', 'json', 'bytes'].indexOf(format) < 0) {
            throw new TypeError('format is string, json or bytes');
          }
          const values = await lookUpLater(['get', String(key)]);
          if (values.length === 0) {
            throw new Error('KeyNotFound');
          }
          return format === 'string' ? values[0] : format === 'json' ? parse(values[0]) : Buffer.from(values[0]);
        },
        exists: async function (key) {
          return (await lookUpLater(['get', String(key)])).length > 0;
        },
        count: async function () {
          return (await lookUpLater(['meta'])).keyCount;
        },
        meta: async function () {
          return await lookUpLater(['meta']);
        },
      };
    },
  };

  // The function ---------------------------------------------------------------------------------------------

  class FrozenDate extends SystemDate {
    constructor(...parts) {
      super(...(parts.length === 0 ? [state.now] : parts));
    }
    static now() {
      return state.now;
    }
  }

  const console = {
    log: function (...values) {
      state.logs.push(values.map((v) => (typeof v === 'string' ? v : stringify(v))).join(' '));
    },
  };

  const modules = { buffer: Buffer, cloudfront: cloudfront, crypto: crypto, querystring: querystring };

  function requireModule(name) {
    if (!Object.prototype.hasOwnProperty.call(modules, name)) {
      throw new Error('Cannot find module "' + name + '"');
    }
    return modules[name];
  }

  // A module with named members, `import buf from 'buffer'; buf.Buffer`, is also what `require('buffer')` returns.
  modules.buffer = { Buffer: Buffer };

  function describeError(error) {
    return error instanceof Error ? error.name + ': ' + error.message : 'Error: ' + String(error);
  }

  function run(event, options) {
    state = parse(options);
    state.wanted = [];
    state.logs = [];
    const current = state;
    try {
      const given = parse(event);
      const rawQuery = state.rawQuery === null ? undefined : state.rawQuery;
      Object.defineProperty(given.request, 'rawQueryString', {
        value: function () {
          return rawQuery;
        },
      });
      const result = createHandler(requireModule)(given);
      if (result instanceof Promise) {
        result.then(
          function (value) {
            current.result = value;
            current.settled = true;
          },
          function (error) {
            current.error = describeError(error);
          },
        );
      } else {
        current.result = result;
        current.settled = true;
      }
    } catch (error) {
      current.error = describeError(error);
    }
  }

  function report() {
    const current = state;
    state = undefined;
    if (current.wanted.length > 0) {
      return stringify({ wanted: current.wanted });
    }
    if (current.error === undefined && !current.settled) {
      current.error = 'Error: the promise that the function returned never settles';
    }
    return stringify({ error: current.error, logs: current.logs, result: current.result });
  }

  // Every request gets its own copy of the function's variables. The rest of the environment is frozen, so that
  // no request can leave anything behind for the next.
  function freeze(value, seen) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) {
      return;
    }
    seen.add(value);
    Object.freeze(value);
    freeze(Object.getPrototypeOf(value), seen);
    ownKeys(value).forEach(function (name) {
      const property = Object.getOwnPropertyDescriptor(value, name);
      freeze(property.value, seen);
      freeze(property.get, seen);
      freeze(property.set, seen);
    });
  }

  // An object cannot get a property of its own by assignment if a frozen prototype has a property of that name,
  // such as `constructor` or `name`. An accessor that defines the property restores JavaScript's usual behaviour.
  function allowOverrides(prototype) {
    ownKeys(prototype).forEach(function (name) {
      const property = Object.getOwnPropertyDescriptor(prototype, name);
      if (!property.configurable || !('value' in property)) {
        return;
      }
      Object.defineProperty(prototype, name, {
        get: function () {
          return property.value;
        },
        set: function (value) {
          if (this === prototype) {
            throw new TypeError('"' + String(name) + '" is read-only');
          }
          Object.defineProperty(this, name, {
            value: value,
            configurable: true,
            enumerable: true,
            writable: true,
          });
        },
      });
    });
  }

  function refuseCode() {
    throw new Error('Creating a function from a string is not supported');
  }

  // The host takes these two functions before the environment is sealed.
  globalThis.run = run;
  globalThis.report = report;

  globalThis.load = function (factory) {
    createHandler = factory;
  };

  globalThis.seal = function () {
    const seen = new Seen();
    const functions = [function () {}, async function () {}, function* () {}, async function* () {}];
    functions.forEach(function (sample) {
      Object.defineProperty(Object.getPrototypeOf(sample), 'constructor', { value: refuseCode });
    });
    // Samples of types whose prototypes have no global name.
    const samples = functions.concat([[].values(), ''[Symbol.iterator](), ''.matchAll(/x/g)]);
    [Object, Error].forEach(function (type) {
      allowOverrides(type.prototype);
    });
    ownKeys(globalThis).forEach(function (name) {
      if (SUPPORTED.indexOf(name) < 0) {
        delete globalThis[name];
      }
    });
    globalThis.console = console;
    globalThis.Buffer = Buffer;
    globalThis.Date = FrozenDate;
    globalThis.Function = refuseCode;
    freeze(globalThis, seen);
    freeze(modules, seen);
    freeze(samples, seen);
  };
})();
