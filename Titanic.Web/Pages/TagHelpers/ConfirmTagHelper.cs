using Microsoft.AspNetCore.Mvc.Rendering;
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
        var details = new TagBuilder("details") { TagRenderMode = TagRenderMode.StartTag };
        if (output.Attributes.TryGetAttribute("id", out var id))
        {
            details.Attributes["id"] = id.Value.ToString();
            output.Attributes.Remove(id);
        }
        var summary = new TagBuilder("summary");
        summary.AddCssClass("text-nowrap");
        if (ConfirmLabel is not null)
            summary.Attributes["aria-label"] = ConfirmLabel;
        summary.InnerHtml.Append(Confirm);
        var button = new TagBuilder("button");
        button.AddCssClass("btn btn-sm btn-danger");
        button.Attributes["type"] = "submit";
        button.InnerHtml.Append(ConfirmButton);
        output.PreElement.AppendHtml(details).AppendHtml(summary);
        output.PostContent.AppendHtml(button);
        output.PostElement.AppendHtml("</details>");
    }
}
