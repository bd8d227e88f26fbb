// Pictures of the first screen of sample pages, as a person with a laptop sees it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { pictureFile } from './page.ts';
import { pictures } from './samples.ts';

const viewport = { width: 1280, height: 960 };

export async function takePictures(folder: string): Promise<void> {
  const args = ['--no-sandbox'];
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  try {
    for (const { of, scheme } of pictures) {
      const page = await browser.newPage({ colorScheme: scheme, viewport });
      await page.goto(pathToFileURL(join(folder, `${of}.html`)).href);
      // Charts are drawn once the page stands.
      const undrawn = page.locator('[data-chart]:not(:has(canvas))');
      await undrawn.first().waitFor({ state: 'detached' });
      await page.screenshot({ path: join(folder, pictureFile(of, scheme)) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
