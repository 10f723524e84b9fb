/** Picture of the sample drop, so that a first run needs no file and no network. */

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" role="img" aria-label="A green running shoe">
<rect width="640" height="480" fill="#efe9df"/>
<ellipse cx="326" cy="376" rx="236" ry="18" fill="#d9d1c3"/>
<path d="M112 330c-4-46 4-96 22-128 10-18 30-20 44-8 26 22 60 26 92 8l20-12c14-8 30-6 40 6 36 42 84 66 150 78 40 8 62 30 62 62v14z" fill="#0b5d3b"/>
<path d="M112 330h430v12c0 18-12 28-32 28H146c-22 0-34-12-34-40z" fill="#fbfaf8"/>
<path d="M112 346h430" stroke="#c9c0b0" stroke-width="4"/>
<path d="M178 194c26 22 60 26 92 8l20-12c6-4 13-5 19-4-18 30-60 62-112 60-20-1-36-22-19-52z" fill="#084a2f"/>
<path d="M318 214l-34 30M344 238l-34 30M374 258l-32 30M408 274l-28 28" stroke="#fbfaf8" stroke-width="9" stroke-linecap="round"/>
<path d="M136 300c60 10 120-4 170-44" stroke="#4cc38a" stroke-width="12" fill="none" stroke-linecap="round"/>
</svg>`;

export const samplePicture = (): Response =>
  new Response(svg, {
    headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' },
  });
