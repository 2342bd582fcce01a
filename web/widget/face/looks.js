// @ts-check
/**
 * Owns the characters: their colours and the still parts of the drawing (hair, clothes, outline of the face). One rig, several looks.
 * Moving parts are shaped in features.js; the order in which everything is painted is drawing.js's.
 */

/** Colours a site may set on any element around the widget; each look brings its own value for those that are left alone. */
export const VARIABLES = {
  "--omo-skin": "#fbdcc8", // skin of face, ears and neck
  "--omo-blush": "#f08a7c", // cheeks when warm or happy
  "--omo-lips": "#d9766f", // lips
  "--omo-hair": "#3a2823", // hair, brows and lashes
  "--omo-shine": "#c98f6c", // light on the hair
  "--omo-iris": "#6b4430", // iris of the eyes
  "--omo-jacket": "#25466a", // blazer
  "--omo-shirt": "#ffffff", // blouse or shirt
  "--omo-accent": "#2c9270", // scarf, tie, pin: the company's colour
  "--omo-backdrop": "#dcefe6", // behind the character; `transparent` leaves a soft light only
};

/**
 * @typedef {object} Look
 * @property {Record<string, string>} colours values that differ from VARIABLES
 * @property {{width: number, lip: number, y: number, tint: number}} mouth
 * @property {{tall: number, lash: number, slant: number, y: number, apart: number}} eye
 * @property {{thick: number, arch: number, y: number}} brow
 * @property {string} face outline @property {string} back hair behind the neck @property {string} front hair over the face
 * @property {string} strands fine dark lines @property {string} gleam soft light on the hair
 * @property {string} ears @property {string} neck @property {string} body clothes, as markup
 */

const JACKET = "M30 402C32 352 58 330 112 315L166 297L200 362L234 297L288 315C342 330 368 352 370 402Z";
const mirror = (/** @type {string} */ markup) => `${markup}<g transform="matrix(-1 0 0 1 400 0)">${markup}</g>`;

/** Blazer with lapels; the shirt and what is worn at the neck come from the look. @param {string} neckwear @param {string} lapel @param {string} collar */
const clothes = (neckwear, lapel, collar) => `
<path d="${collar}" fill="{shirt}"/><path d="${collar}" fill="url(#{id}fold)"/>
${neckwear}
<path d="${JACKET}" fill="{jacket}"/>
<path d="${JACKET}" fill="url(#{id}cloth)"/>
${mirror(`<path d="${lapel}" fill="{jacket}"/><path d="${lapel}" fill="#fff" opacity=".09"/>
<path d="${lapel}" fill="none" stroke="#0a1626" stroke-opacity=".28" stroke-width="1.2" stroke-linejoin="round"/>
<path d="M86 402C88 384 92 366 100 352" fill="none" stroke="#0a1626" stroke-opacity=".22" stroke-width="1.6" stroke-linecap="round"/>`)}
<path d="M200 362L201 402" stroke="#0a1626" stroke-opacity=".3" stroke-width="1.2"/>`;

const SCARF = `
<path d="M158 297C172 283 228 283 242 297L234 318C222 330 178 330 166 318Z" fill="{accent}"/>
<path d="M163 303C184 319 216 319 237 303" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="2.4"/>
<path d="M160 298C182 312 218 312 240 298L242 297C228 283 172 283 158 297Z" fill="#06281d" opacity=".16"/>
<path d="M198 322C184 338 180 352 183 371L201 362L214 371C219 350 214 336 206 322Z" fill="{accent}"/>
<path d="M198 322C184 338 180 352 183 371L201 362L214 371C219 350 214 336 206 322Z" fill="url(#{id}cloth)"/>
<path d="M190 334C187 345 186 355 188 367M211 334C213 345 213 354 210 366" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="2.2" stroke-linecap="round"/>
<path d="M189 313Q202 307 215 313Q218 321 213 328Q202 333 191 328Q186 321 189 313Z" fill="{accent}"/>
<path d="M189 313Q202 307 215 313Q218 321 213 328Q202 333 191 328Q186 321 189 313Z" fill="url(#{id}lit)"/>`;

const TIE = `
<path d="M189 311L200 318L211 311L208 326H192Z" fill="{accent}"/><path d="M192 326H208L217 398H183Z" fill="{accent}"/>
<path d="M192 326H208L217 398H183Z" fill="url(#{id}cloth)"/><path d="M190 350L213 338M187 372L216 356M185 394L218 376" stroke="#fff" stroke-opacity=".28" stroke-width="2.4"/>
<path d="M191 326H209" stroke="#06281d" stroke-opacity=".3" stroke-width="1.4"/>
${mirror(`<path d="M172 286C168 292 164 298 162 304L184 330L200 311C190 304 180 296 172 286Z" fill="{shirt}"/>
<path d="M172 286C168 292 164 298 162 304L184 330L200 311" fill="none" stroke="#26405c" stroke-opacity=".22" stroke-width="1.2" stroke-linejoin="round"/>`)}`;

/** @type {Record<string, Look>} */
export const LOOKS = {
  mio: {
    colours: {},
    mouth: { width: 20, lip: 4.8, y: 235, tint: 0.9 },
    eye: { tall: 9.6, lash: 3.4, slant: 1.6, y: 177, apart: 33.5 },
    brow: { thick: 3.2, arch: 5, y: 152 },
    face: "M131 156C130 194 138 218 157 240C171 256 187 267 200 267C213 267 229 256 243 240C262 218 270 194 269 156C268 108 240 84 200 84C160 84 132 108 131 156Z",
    back: "M200 54C142 54 112 96 112 152C112 196 104 240 112 272C118 290 146 294 166 286H234C254 294 282 290 288 272C296 240 288 196 288 152C288 96 258 54 200 54Z",
    front: "M230 94C213 116 180 132 149 148C141 172 140 206 144 234C146 258 148 276 160 291C132 300 108 290 105 262C103 240 107 222 107 200C104 108 138 48 200 48C264 48 296 108 293 200C293 222 297 240 295 262C292 290 268 300 240 291C252 276 254 258 256 234C260 206 260 172 254 150C247 138 238 118 230 94Z",
    strands: "M226 80C206 106 172 122 144 140M222 66C196 92 152 108 130 144M120 160C114 196 118 236 116 272M280 160C286 196 282 236 284 272M230 72C242 104 258 124 266 152M134 168C129 206 130 250 142 284M266 168C271 206 270 250 258 284M216 52C170 66 130 96 120 150M234 56C262 72 278 108 282 150",
    gleam: "M116 150C122 112 150 80 204 66C168 88 142 108 131 146C126 132 121 136 116 150ZM146 112C160 94 184 82 208 76C188 90 166 100 152 120C150 114 148 112 146 112ZM244 76C266 90 280 116 284 148C279 138 276 136 271 144C268 116 260 96 244 76Z",
    ears: "",
    neck: "M174 236V286C174 294 166 298 158 300L200 330L242 300C234 298 226 294 226 286V236Z",
    body: clothes(SCARF, "M166 297C152 302 142 306 134 311L148 346L166 347L158 356L200 402V362Z", "M160 298L200 398L240 298L226 306H174Z")
      + `<circle cx="130" cy="352" r="6" fill="{accent}" stroke="#f4e3b4" stroke-width="1.6"/><path d="M127 354Q128 348 133.500 349Q133 355 127 354Z" fill="#fff"/>`,
  },
  sora: {
    colours: { "--omo-skin": "#f3cfb3", "--omo-hair": "#262a33", "--omo-shine": "#7d93b3", "--omo-iris": "#4a3a30", "--omo-lips": "#c67a6b", "--omo-jacket": "#333d4f", "--omo-backdrop": "#e2eaf3" },
    mouth: { width: 21, lip: 3.7, y: 236, tint: 0.62 },
    eye: { tall: 8.3, lash: 2.5, slant: 0.9, y: 176, apart: 34 },
    brow: { thick: 4.4, arch: 3.4, y: 153 },
    face: "M130 152C129 192 135 220 155 244C170 260 186 269 200 269C214 269 230 260 245 244C265 220 271 192 270 152C270 106 242 82 200 82C158 82 130 106 130 152Z",
    back: "M200 54C142 54 116 94 120 150C121 170 124 186 130 196H270C276 186 279 170 280 150C284 94 258 54 200 54Z",
    front: "M134 190C126 182 120 166 119 142C112 92 146 48 206 48C262 48 290 92 281 142C280 166 274 182 266 190C266 172 264 158 258 146C244 140 228 130 220 116C204 134 172 146 148 146C138 158 134 172 134 190Z",
    strands: "M218 112C226 128 240 138 256 144M150 142C176 140 202 128 216 108M128 130C140 102 166 84 200 80M270 128C262 104 246 88 224 80M140 140C156 132 184 122 204 100",
    gleam: "M126 126C132 88 170 64 216 68C182 78 156 92 144 122C138 116 132 116 126 126ZM160 112C172 96 192 88 212 86C198 96 184 106 176 120C170 112 164 110 160 112ZM238 78C260 88 272 108 274 130C268 122 264 122 260 128C258 108 250 92 238 78Z",
    ears: "M132 168C120 162 114 174 118 188C121 202 128 210 136 206Z",
    neck: "M170 238V288C170 296 162 300 154 302L200 332L246 302C238 300 230 296 230 288V238Z",
    body: clothes(TIE, "M166 297C152 302 140 306 130 312L140 350L160 350L153 358L200 402V362Z", "M160 298L200 398L240 298L222 286H178Z"),
  },
};
