// Where an application answers: what a check asks for there is the whole path.
import { z } from "zod";

/** An http or https address without a path, which would be dropped: another address would be asked. */
export const baseUrl = () =>
  z.url({ protocol: /^https?$/ }).refine(
    (text) => {
      if (!URL.canParse(text)) return true; // told already
      const { pathname, search, hash } = new URL(text);
      return pathname === "/" && search === "" && hash === "";
    },
    {
      error:
        "an address without path, query and fragment, e.g. https://app.example.com, since each request says its whole path itself; write the path in front of those",
    },
  );
