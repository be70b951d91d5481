using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>
/// A form for a dangerous action, which is closed until somebody opens it: the first click shows what the action does, the second one on
/// the button does it. Works without scripts. An id on the form becomes the id of the whole.
/// </summary>
[HtmlTargetElement("form", Attributes = "confirm")]
public sealed class ConfirmTagHelper : TagHelper
{
    /// <summary>The action, as the closed form names it.</summary>
    public string Confirm { get; set; } = "";

    /// <summary>The action for screen readers, where many forms of a page have the same <see cref="Confirm"/>.</summary>
    public string? ConfirmLabel { get; set; }

    /// <summary>The text of the button that does it.</summary>
    public string ConfirmButton { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (output.Attributes.TryGetAttribute("id", out var id))
            output.PreElement.AppendFormat("""<details id="{0}">""", id.Value);
        else
            output.PreElement.AppendHtml("<details>");
        output.Attributes.RemoveAll("id");
        output.PreElement.AppendFormat("""<summary class="text-nowrap" aria-label="{0}">{1}</summary>""", ConfirmLabel ?? Confirm, Confirm);
        output.PostContent.AppendFormat("""<button class="btn btn-sm btn-danger" type="submit">{0}</button>""", ConfirmButton);
        output.PostElement.AppendHtml("</details>");
    }
}
