using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>
/// A collapsed form for a destructive action: the first click opens it, a second click on its button submits it. Works without scripts. An
/// id on the form becomes the id of the collapsible element.
/// </summary>
[HtmlTargetElement("form", Attributes = "confirm")]
public sealed class ConfirmTagHelper : TagHelper
{
    /// <summary>The text of the collapsed form: the action.</summary>
    public string Confirm { get; set; } = "";

    /// <summary>
    /// The action for screen readers, if several forms of a page have the same <see cref="Confirm"/>. Default: <see cref="Confirm"/>.
    /// </summary>
    public string? ConfirmLabel { get; set; }

    /// <summary>The text of the submit button.</summary>
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
