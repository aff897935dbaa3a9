// Turns an image URL into its canonical form, of which CloudFront makes the cache key. See README.md.
// %{ if signatures }
import crypto from 'crypto';
import cf from 'cloudfront';
// %{ endif }

const CONFIG = ${config};

// The maximum of WebP, the lowest of all formats.
const MAX_SIDE = 16383;
const CLOCK_SKEW_SECONDS = 60;

// %{ if !derivative_paths }
// The parameters of the canonical form, in its order. Terraform reads this line, so that CloudFront forwards them.
const CANONICAL = 'fit format gravity height quality size width';
// %{ endif }

const ALIASES = { w: 'width', h: 'height', q: 'quality', fm: 'format', f: 'format', output: 'format' };

// A function that returns the canonical value (false or undefined: invalid), and a description of valid values.
const PARAMETERS = {
  width: wholeNumber(MAX_SIDE),
  height: wholeNumber(MAX_SIDE),
  dpr: [(text) => /^([1-3](\.\d)?|4(\.0)?)$/.test(text) && Number(text), 'a number from 1 to 4 with at most one decimal'],
  fit: oneOf('inside cover contain fill', {
    clip: 'inside', max: 'inside', 'scale-down': 'inside', crop: 'cover', min: 'cover', pad: 'contain',
    scale: 'fill', squeeze: 'fill',
  }),
  gravity: [parsePoint, 'center, a direction such as northeast, or x,y with numbers from 0 to 1'],
  format: oneOf(CONFIG.formats, { jpg: 'jpeg' }),
  auto: oneOf('format', { format: 'auto' }),
  quality: wholeNumber(100),
  size: oneOf(Object.keys(CONFIG.sizes).join(' ')),
  to_webp: oneOf('1 0'),
};
// %{ if !derivative_paths }
if (CONFIG.show_exif) {
  PARAMETERS.showExif = oneOf('true false');
}
// %{ endif }
// %{ if signatures }
PARAMETERS.expires = wholeNumber(9999999999);
PARAMETERS.key = PARAMETERS.signature = [(text) => text, 'non-empty'];
// %{ endif }

async function handler(event) {
  const request = event.request;
  try {
    const path = checkPath(request.uri);
    // %{ if derivative_paths }
    const isImage = CONFIG.extensions.includes(path.split('.').pop().toLowerCase());
    check(isImage, 404, 'The name of an image ends in one of: .' + CONFIG.extensions.join(', .') + '.');
    // %{ endif }
    const query = parseQuery(request.querystring);
    let isSigned = false;
    // %{ if signatures }
    isSigned = await checkSignature(path, query);
    // %{ endif }
    const options = canonicalise(query.given, isSigned, request.headers.accept);
    const isUnlisted = CONFIG.signed_urls === 'unlisted' && options.width && options.height;
    check(isSigned || !isUnlisted, 403, 'A URL with both width and height needs a signature.');
    // %{ if derivative_paths }
    requestDerivative(request, path, options);
    // %{ else }
    const names = CANONICAL.split(' ').concat('showExif').filter((name) => options[name]);
    request.querystring = names.map((name) => name + '=' + options[name]).join('&');
    request.uri = encodePath(path);
    // %{ endif }
    return request;
  } catch (error) {
    if (error.statusCode) {
      return error;
    }
    throw error;
  }
}

// %{ if derivative_paths }
// The path of the derivative, as in libs/image_url/image_url/paths.py, has unreserved characters only, so that no
// signature depends on their encoding. The function that makes a derivative may redirect to the URL of the viewer.
function requestDerivative(request, path, options) {
  const query = request.rawQueryString();
  const url = request.uri + (query ? '?' + query : '');
  // A header has printable ASCII characters only.
  request.headers['x-viewer-url'] = { value: url.replace(/[^!-~]+/g, encodeURIComponent) };
  const key = encodePath(path.slice(1)).replace(/_/g, '_5F').replace(/~/g, '_7E').replace(/%/g, '_');
  const escaped = key.replace(/(^|\/)(\/+)/g, (match, before, slashes) => before + '_2F'.repeat(slashes.length));
  request.uri = '/' + escaped + '/' + nameDerivative(options);
  request.querystring = '';
  check(request.uri.length <= 1025, 400, 'The name of the image is too long for an image made of it.');
}

// Returns the name of a derivative, as libs/image_url/image_url/names.py.
function nameDerivative(options) {
  const size = options.size ? CONFIG.sizes[options.size] : '';
  const format = options.format || size.format;
  const quality = options.quality || size.quality;
  const width = options.width && 'w' + options.width;
  const height = options.height && 'h' + options.height;
  const fit = width && height && (options.fit || 'inside');
  const point = options.gravity && options.gravity.split(',').map((each) => Math.round(each * 100));
  const parts = [size.box === undefined ? size : size.box, width, height, fit, point && 'g' + point.join('x')];
  if (format === 'json' || !(format || quality || parts.find((part) => part))) {
    parts.push(format ? 'info.json' : 'clean');
  } else if (!CONFIG.without_quality.includes(format)) {
    parts.push('q' + (quality || CONFIG.quality));
  }
  const name = ['v' + CONFIG.output_version].concat(parts.filter((part) => part)).join('_');
  return format && format !== 'json' ? name + '.' + format.replace('jpeg', 'jpg') : name;
}
// %{ endif }

// Returns the one encoding of a path. S3 reads a plus that is not encoded as a space.
function encodePath(path) {
  const encode = (mark) => '%' + mark.charCodeAt(0).toString(16).toUpperCase();
  return encodeURIComponent(path).replace(/[!'()*]/g, encode).replace(/%2F/g, '/');
}

function check(isValid, statusCode, sentence) {
  if (!isValid) {
    throw {
      statusCode: statusCode,
      headers: { 'cache-control': { value: 'no-store' }, 'content-type': { value: 'text/plain' } },
      body: { encoding: 'text', data: sentence + '\n' },
    };
  }
}

function checkPath(uri) {
  const path = decode(uri);
  const prefix = CONFIG.derivatives_prefix;
  const isDerivative = prefix && (path + '/').startsWith('/' + prefix + '/');
  // A server may resolve dot segments, so that the path would lead to a derivative.
  check(path && !isDerivative && !/\/\.\.?(\/|$)/.test(path), 404, 'The image does not exist.');
  return path;
}

// Returns the values of known parameters, and the text that a signature covers.
function parseQuery(querystring) {
  const given = {};
  const pairs = [];
  Object.keys(querystring).forEach((encoded) => {
    const name = decode(encoded);
    const parameter = own(ALIASES, name) || name;
    const kind = own(PARAMETERS, parameter);
    const target = parameter === 'auto' ? 'format' : parameter;
    (kind ? valuesOf(querystring[encoded]) : []).forEach((encodedText) => {
      const text = decode(encodedText);
      const value = text && kind[0](name === 'showExif' ? text.toLowerCase() : text);
      check(value, 400, 'The parameter ' + name + ' must be ' + kind[1] + '.');
      given[target] = given[target] || value;
      check(given[target] === value, 400, 'The parameter ' + target + ' has two different values.');
      if (name !== 'signature') {
        pairs.push(name + '=' + text);
      }
    });
  });
  return { given: given, signed: pairs.sort().join('&') };
}

// %{ if signatures }
async function checkSignature(path, query) {
  const given = query.given;
  if (!given.signature && !given.key && !given.expires) {
    check(CONFIG.signed_urls !== 'all', 403, 'This URL needs a signature.');
    return false;
  }
  const secret = await readSecret(given.key);
  const hmac = crypto.createHmac('sha256', secret || '-').update(path + '?' + query.signed).digest('base64url');
  check(secret && isEqual(hmac, given.signature || ''), 403, 'The signature of this URL is wrong.');
  const age = Date.now() / 1000 - given.expires;
  check(!given.expires || age < CLOCK_SKEW_SECONDS, 403, 'This URL has expired.');
  return true;
}

async function readSecret(key) {
  try {
    return await cf.kvs().get(key);
  } catch (error) {
    // There is no such key.
    return undefined;
  }
}

// The time of a comparison must not depend on the position of the first difference.
function isEqual(expected, actual) {
  let difference = expected.length ^ actual.length;
  for (let i = 0; i < expected.length; i++) {
    difference |= expected.charCodeAt(i) ^ actual.charCodeAt(i);
  }
  return !difference;
}
// %{ endif }

// Returns the options; defaults and options without effect are undefined or false.
function canonicalise(given, isExact, accept) {
  const whole = ['size', 'to_webp'].find((name) => given[name]);
  const side = ['width', 'height', 'dpr', 'fit', 'gravity'].find((name) => given[name]);
  check(!whole || !side, 400, 'The parameters ' + whole + ' and ' + side + ' cannot be combined.');
  const asked = given.to_webp === '1' ? 'webp' : given.format;
  check(!given.format || given.format === asked, 400, 'The parameters to_webp and format ask for different formats.');
  // %{ if !derivative_paths }
  if (given.showExif === 'true') {
    return { showExif: 'true' };
  }
  // %{ endif }
  if (asked === 'json') {
    return { format: 'json' };
  }
  const size = given.size ? CONFIG.sizes[given.size] : {};
  const format = negotiate(asked || size.format, accept);
  const quality = isExact ? given.quality : nearest(given.quality, CONFIG.qualities);
  const hasQuality = !CONFIG.without_quality.includes(format) && quality !== (size.quality || CONFIG.quality);
  return Object.assign(computeBox(given, isExact), {
    format: format !== size.format && format,
    quality: hasQuality && quality,
    size: given.size,
  });
}

function computeBox(given, isExact) {
  const width = computeSide(given.width, given.dpr, isExact);
  if (!given.width || !given.height) {
    return { width: width, height: computeSide(given.height, given.dpr, isExact) };
  }
  const height = Math.round((given.height * width) / given.width);
  return {
    width: width,
    height: Math.max(1, Math.min(MAX_SIDE, height)),
    fit: given.fit !== 'inside' && given.fit,
    gravity: given.fit === 'cover' && given.gravity,
  };
}

function computeSide(side, dpr, isExact) {
  const scaled = side && Math.min(MAX_SIDE, Math.round(side * (dpr || 1)));
  const listed = CONFIG.widths.find((width) => width >= scaled) || CONFIG.widths[CONFIG.widths.length - 1];
  return isExact ? scaled : side && listed;
}

// Returns the nearest number, and the higher of two equally near ones.
function nearest(number, ascending) {
  return number && ascending.reduce((best, each) => (each - number <= number - best ? each : best));
}

// Only explicit types count: every browser sends `*/*` or `image/*` as well.
function negotiate(format, accept) {
  if (format !== 'auto' || !accept) {
    return format;
  }
  const accepts = (type) =>
    new RegExp('(^|,)\\s*image/' + type + '\\s*(,|$|;(?!\\s*q=0(\\.0*)?\\s*(,|$)))', 'i').test(valuesOf(accept).join());
  return accepts('avif') ? 'auto-avif' : accepts('webp') ? 'auto-webp' : 'auto';
}

function wholeNumber(max) {
  const parse = (text) => /^[1-9]\d{0,9}$/.test(text) && Number(text) <= max && Number(text);
  return [parse, 'a whole number from 1 to ' + max];
}

function oneOf(words, aliases) {
  const names = words.split(' ');
  return [(text) => own(aliases || {}, text) || (names.includes(text) && text), 'one of: ' + names.join(', ')];
}

// Returns a direction or a point as x,y from the upper left corner, in hundredths.
function parsePoint(text) {
  if (/^(center|north|south|(north|south)?(east|west))$/.test(text)) {
    const locate = (start, end) => (text.includes(start) ? 0 : text.includes(end) ? 1 : 0.5);
    return locate('west', 'east') + ',' + locate('north', 'south');
  }
  const isPoint = /^(0|0?\.\d+|1(\.0+)?),(0|0?\.\d+|1(\.0+)?)$/.test(text);
  return isPoint && text.split(',').map((each) => Math.round(each * 100) / 100).join();
}

function valuesOf(entry) {
  return (entry.multiValue || [entry]).map((each) => each.value);
}

function own(table, name) {
  return Object.prototype.hasOwnProperty.call(table, name) && table[name];
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return undefined;
  }
}
